import { expect } from 'chai';
import fc from 'fast-check';
import { isUuid, uuid7 } from '../../../server/words/uuid7.ts';

function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
}

describe('uuid7', () => {
  it('is a version 7 UUID with the time in front', () => {
    // Later than all that this process has seen, or the greatest time seen would count.
    const now = timeOf(uuid7()) + 1000;
    const id = uuid7(now);
    expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOf(id)).to.equal(now);
    expect(isUuid(id)).to.equal(true);
  });

  it('only grows, however many are made in a millisecond and wherever the clock goes', () => {
    const start = Date.now();
    const clock = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 3000 })), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(clock, (moves) => {
        const made = moves.flatMap(([move, count]) =>
          Array.from({ length: count }, () => uuid7(start + move)),
        );
        expect(made).to.deep.equal(made.toSorted());
        expect(new Set(made).size).to.equal(made.length);
      }),
      { numRuns: 20 },
    );
  });

  it('is told from other texts', () => {
    for (const text of ['', 'abc', `${uuid7()} `, uuid7().slice(1), uuid7().replaceAll('-', '')])
      expect(isUuid(text), text).to.equal(false);
    expect(isUuid(uuid7().toUpperCase())).to.equal(true);
  });
});
