import { expect } from 'chai';
import fc from 'fast-check';
import { BuildFault, faultKinds, type Reason } from '../../../builder/model/faults.ts';
import {
  afterAttempt,
  type Breaker,
  breakerState,
  closedBreaker,
  type Verdict,
} from '../../../server/room/engines/breaker.ts';
import { verdictOn } from '../../../server/room/engines/verdict.ts';

const failures = (count: number, now = 0, breaker = closedBreaker): Breaker =>
  Array.from({ length: count }).reduce<Breaker>((one) => afterAttempt(one, 'failed', now), breaker);

describe('the breaker of an engine', () => {
  it('opens after three failures in a row, for 30 s, and then lets one attempt find out', () => {
    expect(breakerState(failures(2), 0)).to.equal('closed');
    const open = failures(3);
    expect(breakerState(open, 29_999)).to.equal('open');
    expect(breakerState(open, 30_000)).to.equal('half_open');
    expect(breakerState(afterAttempt(open, 'ok', 30_000), 30_000)).to.equal('closed');
  });

  it('stays open twice as long after each attempt that fails, up to ten minutes', () => {
    const pauses: number[] = [];
    let [breaker, now] = [failures(3), 0];
    for (let i = 0; i < 7; i++) {
      pauses.push((breaker.openUntil - now) / 1000);
      now = breaker.openUntil;
      breaker = afterAttempt(breaker, 'failed', now);
    }
    expect(pauses).to.deep.equal([30, 60, 120, 240, 480, 600, 600]);
  });

  it('is not moved by attempts that were under way when it opened, nor by those that say nothing', () => {
    const open = failures(3);
    expect(failures(5, 10_000, open).openUntil).to.equal(open.openUntil);
    expect(afterAttempt(open, 'unknown', 40_000)).to.equal(open);
    expect(breakerState(failures(2, 0, afterAttempt(failures(2), 'ok', 0)), 0)).to.equal('closed');
  });

  it('is open only after three failures without a success between, and never for more than ten minutes', () => {
    const step = fc.record({
      verdict: fc.constantFrom<Verdict>('ok', 'failed', 'unknown'),
      pauseMs: fc.integer({ min: 0, max: 700_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [breaker, now, inRow] = [closedBreaker, 1_000_000, 0];
        for (const { verdict, pauseMs } of steps) {
          now += pauseMs;
          breaker = afterAttempt(breaker, verdict, now);
          inRow = verdict === 'ok' ? 0 : inRow + (verdict === 'failed' ? 1 : 0);
          expect(breakerState(breaker, now) === 'closed').to.equal(inRow < 3);
          expect(breaker.openUntil - now).to.be.at.most(600_000);
        }
      }),
    );
  });
});

describe('what the end of an attempt says about its engine', () => {
  const verdict = (fault: BuildFault) => verdictOn({ kind: 'fault', fault, leftover: false });

  it('is nothing where the source, the Dockerfile or somebody else is to blame', () => {
    const reasons = Object.keys(faultKinds) as Reason[];
    const failed = reasons.filter((reason) => verdict(new BuildFault(reason, 'x')) === 'failed');
    expect(failed.toSorted()).to.deep.equal(['disk_full', 'engine_error', 'engine_lost']);
    expect(verdict(new BuildFault('disk_full', 'of the mirrors', { phase: 'clone' }))).to.equal('unknown');
    expect(verdict(new BuildFault('disk_full', 'of the registry', { phase: 'push' }))).to.equal('unknown');
    expect(verdictOn({ kind: 'done', result: null })).to.equal('ok');
  });
});
