import { expect } from 'chai';
import fc from 'fast-check';
import { itemTexts, memberTexts } from '../../../server/http/jsonTexts.ts';

const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ');
const awkward = fc.constantFrom('"', '\\', '\\"', ',', ':', '{', '}', '[', ']', '\\\\', 'é', '\u0000');
const text = fc
  .array(fc.oneof(awkward, fc.string({ maxLength: 3 })), { maxLength: 5 })
  .map((all) => all.join(''));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(text, tie('any'), { maxKeys: 3 }),
  ),
})).any;

describe('the texts within a JSON text', () => {
  it('are those of its members and items, whatever stands in them', () => {
    const parts = fc.array(fc.tuple(text, value, space, space), { maxLength: 4 });
    fc.assert(
      fc.property(parts, (all) => {
        const texts = all.map(([, part, , behind]) => JSON.stringify(part, null, behind.length));
        const object = all.map(
          ([name, , before, behind], at) =>
            `${before}${JSON.stringify(name)}${behind}:${before}${texts[at]}${behind}`,
        );
        // Of members with one name the last one counts, as it does for a parser.
        const right = new Map(all.map(([name], at) => [name, texts[at]]));
        expect(memberTexts(` {${object.join(',')} } `)).to.deep.equal(right);
        const array = all.map(([, , before, behind], at) => `${before}${texts[at]}${behind}`);
        expect(itemTexts(`\n[${array.join(',')}] `)).to.deep.equal(texts);
      }),
      { numRuns: 300 },
    );
  });

  it('are found in a long text quickly', () => {
    const long = `{"a":"${'\\\\'.repeat(500_000)}","b":[${'1,'.repeat(500_000)}1],"payload":{"x":1.0}}`;
    expect(memberTexts(long).get('payload')).to.equal('{"x":1.0}');
  });
});
