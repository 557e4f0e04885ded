import { expect } from 'chai';
import fc from 'fast-check';
import { createBuckets } from '../../../server/app/buckets.ts';

function bucketsAt(): {
  wait(ms: number): void;
  take(cost?: number, name?: string): boolean;
  left(): number;
} {
  let now = 1000;
  const buckets = createBuckets(() => now);
  return {
    wait: (ms) => void (now += ms),
    take: (cost = 1, name = 'one') => buckets.take(name, 60, cost).granted,
    left: () => buckets.take('one', 60, 0).remaining,
  };
}

describe('a budget per minute', () => {
  it('gives all of it at once, then a share as often as the rate says', () => {
    const one = bucketsAt();
    for (let i = 0; i < 60; i++) expect(one.take()).to.equal(true);
    expect(one.take()).to.equal(false);
    one.wait(999);
    expect(one.take()).to.equal(false);
    one.wait(1);
    expect(one.take()).to.equal(true);
    expect(one.take()).to.equal(false);
    one.wait(3_600_000);
    expect(one.left()).to.equal(60);
  });

  it('says when to come back', () => {
    let now = 0;
    const buckets = createBuckets(() => now);
    expect(buckets.take('a', 6, 6)).to.deep.equal({ granted: true, remaining: 0, retryAfterSecs: 10 });
    now += 4500;
    expect(buckets.take('a', 6, 1)).to.deep.equal({ granted: false, remaining: 0, retryAfterSecs: 6 });
    now += 5500;
    expect(buckets.take('a', 6, 1).granted).to.equal(true);
  });

  it('lets a large request owe the rest', () => {
    const one = bucketsAt();
    expect(one.take(60 + 120)).to.equal(true);
    one.wait(120_000);
    expect(one.take()).to.equal(false);
    one.wait(1000);
    expect(one.take()).to.equal(true);
  });

  it('is one for each name', () => {
    const one = bucketsAt();
    one.take(60);
    expect(one.take(1, 'other')).to.equal(true);
    expect(one.take()).to.equal(false);
  });

  it('forgets those that were asked for the longest ago, and no others', () => {
    const one = bucketsAt();
    one.take(1000);
    for (let i = 0; i < 25_000; i++) {
      one.take(1, `n${i}`);
      if (i % 5000 === 0) expect(one.take()).to.equal(false);
    }
  });

  it('never gives more than a burst and the rate together', () => {
    const events = fc.array(fc.record({ wait: fc.nat(5000), cost: fc.nat(3) }), { maxLength: 200 });
    fc.assert(
      fc.property(events, (steps) => {
        const one = bucketsAt();
        let elapsed = 0;
        let taken = 0;
        for (const { wait, cost } of steps) {
          one.wait(wait);
          elapsed += wait;
          if (one.take(cost)) taken += cost;
        }
        // The last one may owe what it costs beyond a single share.
        return taken <= 60 + elapsed / 1000 + 2 + 1e-6;
      }),
    );
  });
});
