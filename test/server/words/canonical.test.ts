import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson, payloadHashOf } from '../../../server/words/canonical.ts';
import { Problem } from '../../../server/words/problems.ts';

describe('the canonical form of a payload', () => {
  it('sorts the keys at every level and leaves the rest as it is', () => {
    const value: unknown = JSON.parse('{"b":[{"z":1,"a":null}],"a":"é","__proto__":{"y":1.50,"x":-0}}');
    expect(canonicalJson(value)).to.equal('{"__proto__":{"x":0,"y":1.5},"a":"é","b":[{"a":null,"z":1}]}');
  });

  it('has a known hash for nothing', () => {
    expect(payloadHashOf(canonicalJson({}))).to.equal(
      '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    );
  });

  it('is the same for equal values, and reads back as what it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(JSON.parse(text)))).to.equal(text);
      }),
    );
  });

  it('refuses a number that would become null', () => {
    for (const text of ['1e999', '{"a":[-1e309]}'])
      expect(() => canonicalJson(JSON.parse(text))).to.throw(Problem, 'a number is too large');
    expect(canonicalJson(JSON.parse('1.7976931348623157e308'))).to.equal('1.7976931348623157e+308');
  });

  it('refuses what is nested so deeply that nobody could write it', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(() => canonicalJson(deep)).to.throw(Problem, 'a value is nested too deeply (max 500 levels)');
    expect(canonicalJson(JSON.parse('['.repeat(500) + ']'.repeat(500)))).to.have.length(1000);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
