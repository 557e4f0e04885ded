import { expect } from 'chai';
import type { Run } from '../../../server/words/run.ts';
import { TransitionError } from '../../../server/words/transitions/change.ts';
import {
  cancelRequested,
  delayed,
  due,
  expired,
  rescheduled,
  unblocked,
} from '../../../server/words/transitions/waiting.ts';
import { attempt, delayedRun, queuedAttempt, queuedRun, run, waitingRun } from './rows.ts';

const firstInLine = {
  run: { state: 'queued', attempt: 1, countedAttempts: 1 },
  next: { number: 1, availableAt: 600 },
};
const retried: Run = { ...queuedRun, startedAt: 7, attempt: 2, countedAttempts: 2 };

describe('transitions of a run that has not started', () => {
  it('queue it when its time has come, or when what it waited for has ended', () => {
    expect(due(delayedRun, 600)).to.deep.equal(firstInLine);
    expect(unblocked(waitingRun, 600)).to.deep.equal(firstInLine);
  });

  it('give it another time', () => {
    expect(rescheduled(delayedRun, 900)).to.deep.equal({ run: { scheduledAt: 900 } });
    expect(delayed(waitingRun, 900, 5)).to.deep.equal({ at: 5, run: { state: 'delayed', scheduledAt: 900 } });
  });

  it('let it expire, with its attempt where it has one', () => {
    const end = { state: 'expired', reason: 'expired', error: 'run expired', completedAt: 600, phase: null };
    for (const early of [waitingRun, delayedRun]) {
      const change = expired(early, undefined, 600);
      expect(change.run).to.deep.include(end);
      expect(change.attempt).to.equal(undefined);
    }
    const change = expired(queuedRun, queuedAttempt, 600);
    expect(change.run).to.deep.include(end);
    expect(change.attempt).to.deep.equal({
      state: 'canceled',
      reason: 'expired',
      error: 'run expired',
      finishedAt: 600,
    });
    expect(() => expired(retried, queuedAttempt, 600)).to.throw(TransitionError);
    expect(() => expired(queuedRun, undefined, 600)).to.throw(TransitionError);
  });

  it('stop it at once, for the reason that is given', () => {
    const wishes = [
      [undefined, 'canceled', 'canceled before it started'],
      [{ reason: 'superseded' }, 'superseded', 'superseded before it started'],
      [{ reason: 'dependency_unmet', error: 'tests failed' }, 'dependency_unmet', 'tests failed'],
    ] as const;
    for (const [wish, reason, error] of wishes)
      for (const [early, itsAttempt] of [
        [waitingRun, undefined],
        [delayedRun, undefined],
        [queuedRun, queuedAttempt],
      ] as const) {
        const change = cancelRequested(early, itsAttempt, 600, wish);
        const marks = { cancelRequestedAt: 600, cancelReason: reason };
        expect(change?.run).to.deep.include({ state: 'canceled', reason, error, completedAt: 600, ...marks });
        expect(change?.attempt?.state).to.equal(itsAttempt && 'canceled');
      }
  });

  it('say of a canceled run whether it had started', () => {
    expect(cancelRequested(retried, queuedAttempt, 50)?.run.error).to.equal(
      'canceled before it was tried again',
    );
  });

  it('only note the wish where the work has to stop first, and once', () => {
    const noted = { run: { cancelRequestedAt: 50, cancelReason: 'superseded' } };
    expect(cancelRequested(run, attempt, 50, { reason: 'superseded' })).to.deep.equal(noted);
    const wish = { reason: 'superseded', error: 'run 9 took its place' } as const;
    expect(cancelRequested(run, attempt, 50, wish)).to.deep.equal({
      run: { ...noted.run, error: 'run 9 took its place' },
    });
    expect(cancelRequested({ ...run, cancelRequestedAt: 40 }, attempt, 50)).to.equal(undefined);
    expect(cancelRequested({ ...run, state: 'completed' }, attempt, 50)).to.equal(undefined);
  });

  it('refuse what the states do not know', () => {
    expect(() => due(waitingRun, 1)).to.throw(TransitionError);
    expect(() => unblocked(delayedRun, 1)).to.throw(TransitionError);
    expect(() => rescheduled(queuedRun, 1)).to.throw(TransitionError);
    expect(() => delayed(delayedRun, 1, 0)).to.throw(TransitionError);
    expect(() => cancelRequested(queuedRun, undefined, 1)).to.throw(TransitionError);
    expect(() => cancelRequested(queuedRun, attempt, 1)).to.throw(TransitionError);
  });
});
