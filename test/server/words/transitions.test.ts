import { expect } from 'chai';
import { type RunReason, reasonKinds } from '../../../server/words/reasons.ts';
import type { Run } from '../../../server/words/run.ts';
import { endState, TransitionError } from '../../../server/words/transitions/change.ts';
import type { RetryPlan } from '../../../server/words/transitions/retry.ts';
import {
  archived,
  canceled,
  failed,
  heard,
  lost,
  released,
  started,
  succeeded,
  traced,
} from '../../../server/words/transitions/running.ts';
import { attempt, queuedAttempt, queuedRun, record, run } from './rows.ts';

const reasons = Object.keys(reasonKinds) as RunReason[];
const usual: RetryPlan = { strategy: 'exponential', delaysSecs: [], jitter: 0 };
const failedBy = (reason: RunReason, now: Partial<Run> = {}, retry = usual) =>
  failed({ ...run, ...now }, attempt, { reason, error: 'why' }, record, retry, 50);

describe('transitions of a running attempt', () => {
  it('start at the phase that the kind of job begins with, by the version that counts now', () => {
    const retried = { ...queuedRun, startedAt: 7, nextRetryAt: 20, heartbeatAt: 8 };
    const change = { state: 'running', nextRetryAt: null, heartbeatAt: null };
    expect(started(queuedRun, 30)).to.deep.equal({
      run: { ...change, phase: 'clone', startedAt: 30, jobVersion: 1 },
    });
    expect(started({ ...retried, kind: 'http' }, 30, 4)).to.deep.equal({
      run: { ...change, phase: null, startedAt: 7, jobVersion: 4 },
    });
  });

  it('complete a run with what was built, or with how long its dispatch took', () => {
    const built = succeeded(run, attempt, { commit: 'c0ffee', images: [] }, record, 50);
    expect(built.run).to.deep.include({ state: 'completed', commit: 'c0ffee', completedAt: 50, phase: null });
    const { phases, steps } = record;
    const end = { state: 'succeeded', finishedAt: 50, leaseExpiresAt: null, phases, steps, lastLine: 9 };
    expect(built.attempt).to.deep.equal(end);
    const rebuilt = succeeded({ ...run, commit: 'old' }, attempt, { images: [] }, record, 50);
    expect(rebuilt.run).to.deep.include({ commit: 'old' });
    const nothing = succeeded(run, attempt, null, record, 50);
    expect(nothing.run).to.deep.include({ result: null, commit: null });
    const executionTrace = {
      queueWaitMs: 1,
      dequeueMs: 2,
      connectMs: 3,
      ttfbMs: 4,
      transferMs: 5,
      dispatchMs: 12,
      totalMs: 15,
    };
    expect(traced(nothing, executionTrace)).to.deep.equal({
      ...nothing,
      run: { ...nothing.run, executionTrace },
    });
  });

  it('try a fault of the engine again after a pause, until the attempts are used up', () => {
    const again = failedBy('engine_lost');
    expect(again.next).to.deep.equal({ number: 2, availableAt: 1050 });
    expect(again.run).to.deep.include({ state: 'queued', nextRetryAt: 1050, attempt: 2, countedAttempts: 2 });
    expect(failedBy('engine_lost', { attempt: 4, countedAttempts: 2 }).next).to.deep.equal({
      number: 5,
      availableAt: 2050,
    });
    const last = failedBy('engine_lost', { countedAttempts: 3 });
    expect(last.next).to.equal(undefined);
    expect(last.run).to.deep.include({
      state: 'system_failed',
      reason: 'engine_lost',
      phase: null,
      completedAt: 50,
      nextRetryAt: null,
    });
  });

  it('pause as the job says', () => {
    const plan: RetryPlan = { strategy: 'custom', delaysSecs: [7, 30], jitter: 0 };
    expect(failedBy('endpoint_busy', {}, plan).next?.availableAt).to.equal(7050);
    expect(failedBy('endpoint_busy', { countedAttempts: 2 }, plan).next?.availableAt).to.equal(30_050);
  });

  it('keep the commit that was found, and what a step ended with', () => {
    const before = { commit: 'old' };
    const found = { ...record, commit: 'new' };
    const failure = { reason: 'build_step_failed', error: 'why', exitCode: 3 } as const;
    const changes = (now: Partial<Run>, told: typeof record) => [
      failed({ ...run, ...now }, attempt, failure, told, usual, 50),
      failed({ ...run, ...now }, attempt, { ...failure, reason: 'engine_lost' }, told, usual, 50),
      canceled({ ...run, ...now }, attempt, 'stopped', told, 50),
    ];
    for (const [now, told, commit] of [
      [{}, found, 'new'],
      [before, found, 'new'],
      [before, record, 'old'],
    ] as const)
      for (const change of changes(now, told)) expect(change.run).to.deep.include({ commit });
    for (const change of changes({}, record).slice(0, 2))
      expect(change.attempt).to.deep.include({ exitCode: 3, phases: record.phases, finishedAt: 50 });
    expect(failedBy('engine_lost').attempt).to.deep.include({ exitCode: null });
  });

  it('name each end by its reason', () => {
    const named = (state: Run['state']) => reasons.filter((reason) => endState(reason) === state);
    expect(named('expired')).to.deep.equal(['expired']);
    expect(named('failed')).to.deep.equal(['endpoint_reported']);
    expect(named('timed_out')).to.have.members(['timeout', 'endpoint_timeout']);
    expect(named('canceled')).to.have.members(['canceled', 'superseded', 'dependency_unmet']);
    expect(named('crashed')).to.have.members(['lost', 'container_lost', 'endpoint_silent']);
    const ofEngine = reasons.filter((reason) => reason.startsWith('engine_'));
    expect(ofEngine).to.not.deep.equal([]);
    expect(named('system_failed')).to.deep.equal(ofEngine);
  });

  it('note that somebody was heard of', () => {
    expect(heard(run, 60)).to.deep.equal({ run: { heartbeatAt: 60 } });
    expect(() => heard(queuedRun, 60)).to.throw(TransitionError);
  });

  const ends = [
    ['build_step_failed', 'dead_letter', 'failed'],
    ['ref_not_found', 'dead_letter', 'failed'],
    ['timeout', 'timed_out', 'timed_out'],
    ['canceled', 'canceled', 'failed'],
    ['internal', 'dead_letter', 'failed'],
    ['endpoint_denied', 'dead_letter', 'failed'],
    ['endpoint_reported', 'failed', 'failed'],
  ] as const;
  for (const [reason, runState, attemptState] of ends)
    it(`end a run for ${reason} as ${runState}`, () => {
      const change = failedBy(reason);
      expect(change.next).to.equal(undefined);
      expect(change.run).to.deep.include({ state: runState, reason, error: 'why' });
      expect(change.attempt).to.deep.include({
        state: attemptState,
        reason,
        leaseExpiresAt: null,
        lastLine: 9,
      });
    });

  const exhausted = [
    ['endpoint_timeout', 'timed_out', 'timed_out'],
    ['endpoint_silent', 'crashed', 'failed'],
    ['endpoint_failed', 'dead_letter', 'failed'],
    ['engine_lost', 'system_failed', 'failed'],
  ] as const;
  for (const [reason, runState, attemptState] of exhausted)
    it(`end a run whose attempts are used up by ${reason} as ${runState}`, () => {
      const change = failedBy(reason, { countedAttempts: 3 });
      expect(change.next).to.equal(undefined);
      expect(change.run).to.deep.include({ state: runState, reason });
      expect(change.attempt).to.deep.include({ state: attemptState, reason });
      expect(failedBy(reason).run.state).to.equal('queued');
    });

  it('cancel instead of trying again where somebody wants the run to stop, for their reason', () => {
    for (const cancelReason of ['canceled', 'superseded', 'dependency_unmet'] as const) {
      const wanted = { cancelRequestedAt: 40, cancelReason };
      const changes = [
        failedBy('engine_lost', wanted),
        lost({ ...run, ...wanted }, attempt, 9, 50),
        released({ ...run, ...wanted }, attempt, record, 50),
        canceled({ ...run, ...wanted }, attempt, 'stopped', record, 50),
      ];
      for (const change of changes) {
        expect(change.run).to.deep.include({ state: 'canceled', reason: cancelReason, completedAt: 50 });
        expect(change.next).to.equal(undefined);
      }
      expect(failedBy('build_step_failed', wanted).run).to.deep.include({
        state: 'dead_letter',
        reason: 'build_step_failed',
      });
    }
  });

  it('do not count an attempt that was given back', () => {
    const again = released(run, attempt, record, 50);
    expect(again.run).to.deep.include({ state: 'queued', attempt: 2, countedAttempts: 1 });
    expect(again.next).to.deep.equal({ number: 2, availableAt: 50 });
    const cause = { error: 'busy', availableAt: 900 };
    const later = released({ ...run, attempt: 4, countedAttempts: 2 }, attempt, record, 50, cause);
    expect(later.run).to.deep.include({ attempt: 5, countedAttempts: 2, error: 'busy', nextRetryAt: 900 });
    expect(later.next).to.deep.equal({ number: 5, availableAt: 900 });
    expect(released({ ...run, cancelRequestedAt: 40 }, attempt, record, 50).run).to.deep.include({
      countedAttempts: 0,
    });
  });

  it('call a run crashed where its last attempt is lost', () => {
    expect(lost(run, attempt, 9, 50).next).to.deep.equal({ number: 2, availableAt: 50 });
    const givenBack = { ...run, attempt: 5, countedAttempts: 2 };
    const again = lost(givenBack, attempt, 9, 50);
    expect(again.run).to.deep.include({
      attempt: 6,
      countedAttempts: 3,
      phase: null,
      error: again.attempt?.error,
    });
    expect(again.attempt).to.deep.include({ leaseExpiresAt: null, finishedAt: 50 });
    const change = lost({ ...run, countedAttempts: 3 }, attempt, 9, 50);
    expect(change.run).to.deep.include({ state: 'crashed', reason: 'lost' });
    expect(change.attempt).to.deep.include({ state: 'lost', reason: 'lost', lastLine: 9 });
  });

  it('refuse what the states do not know', () => {
    const done: Run = { ...run, state: 'completed' };
    expect(() => started(run, 1)).to.throw(TransitionError);
    expect(() => archived(run, 1)).to.throw(TransitionError);
    expect(() => succeeded(done, attempt, { images: [] }, record, 1)).to.throw(TransitionError);
    expect(() => lost(run, { ...attempt, state: 'lost' }, null, 1)).to.throw(TransitionError);
    expect(() => canceled(queuedRun, queuedAttempt, 'no', record, 1)).to.throw(TransitionError);
  });
});
