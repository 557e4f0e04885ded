import { expect } from 'chai';
import fc from 'fast-check';
import { retryStrategies } from '../../../server/words/job.ts';
import { longestPauseMs, retryDelayMs, retryPlanOf } from '../../../server/words/transitions/retry.ts';

const tries = [1, 2, 3, 4, 12, 13, 99];
const pauses = (strategy: (typeof retryStrategies)[number], delaysSecs: number[] = []) =>
  tries.map((tried) => retryDelayMs({ strategy, delaysSecs, jitter: 0 }, tried) / 1000);

describe('the pause before a retry', () => {
  it('doubles from a second to an hour unless the job says more', () => {
    expect(retryPlanOf({}, 0)).to.deep.equal({ strategy: 'exponential', delaysSecs: [], jitter: 0 });
    expect(pauses('exponential')).to.deep.equal([1, 2, 4, 8, 2048, 3600, 3600]);
    expect(pauses('exponential', [5, 999])).to.deep.equal([5, 10, 20, 40, 3600, 3600, 3600]);
    // What was given back before it was really tried counts as no attempt.
    expect(retryDelayMs({ strategy: 'exponential', delaysSecs: [5], jitter: 0 }, 0)).to.equal(5000);
  });

  it('grows by its first step, or stays as it is', () => {
    expect(pauses('linear')).to.deep.equal(tries);
    expect(pauses('linear', [300])).to.deep.equal([300, 600, 900, 1200, 3600, 3600, 3600]);
    expect(pauses('fixed')).to.deep.equal(tries.map(() => 1));
    expect(pauses('fixed', [45, 1])).to.deep.equal(tries.map(() => 45));
  });

  it('follows a list whose last entry repeats; an empty one is the usual', () => {
    expect(pauses('custom', [3, 60])).to.deep.equal([3, 60, 60, 60, 60, 60, 60]);
    expect(pauses('custom')).to.deep.equal(pauses('exponential'));
  });

  it('is at least a second and at most an hour, then spread by a fifth', () => {
    expect(pauses('fixed', [0.2])).to.deep.equal(tries.map(() => 1));
    expect(pauses('custom', [86_400])).to.deep.equal(tries.map(() => 3600));
    const spread = (jitter: number) => retryDelayMs({ strategy: 'fixed', delaysSecs: [10], jitter }, 1);
    expect([-1, -0.5, 0, 1].map(spread)).to.deep.equal([8000, 9000, 10_000, 12_000]);
    const plans = fc.record({
      strategy: fc.constantFrom(...retryStrategies),
      delaysSecs: fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 4 }),
      jitter: fc.double({ min: -1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(plans, fc.nat(5000), (plan, tried) => {
        expect(retryDelayMs(plan, tried)).to.be.within(800, longestPauseMs);
      }),
      { numRuns: 200 },
    );
  });
});
