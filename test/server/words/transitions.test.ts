import { expect } from 'chai';
import type { Reason } from '../../../builder/model/faults.ts';
import type { Attempt, Run } from '../../../server/words/run.ts';
import {
  archived,
  cancelRequested,
  failed,
  lost,
  released,
  retryDelayMs,
  started,
  succeeded,
  TransitionError,
} from '../../../server/words/transitions.ts';

const run: Run = {
  key: 1,
  id: 'run',
  jobId: 'job',
  jobVersion: 1,
  project: 'acme',
  slug: 'site',
  kind: 'image',
  queue: 'default',
  state: 'running',
  priority: 0,
  trigger: 'api',
  ref: 'main',
  request: {},
  phase: 'build',
  commit: null,
  reason: null,
  error: null,
  result: null,
  attempt: 1,
  countedAttempts: 1,
  maxAttempts: 3,
  timeoutMs: 1000,
  createdAt: 1,
  startedAt: 2,
  completedAt: null,
  archivedAt: null,
  cancelRequestedAt: null,
  parentRunId: null,
};
const attempt: Attempt = {
  key: 1,
  id: 'attempt',
  runId: 'run',
  number: 1,
  state: 'running',
  priority: 0,
  queuedAt: 1,
  availableAt: 1,
  engine: 'one',
  leaseId: 'lease',
  leaseExpiresAt: 100,
  startedAt: 2,
  finishedAt: null,
  reason: null,
  error: null,
  exitCode: null,
  phases: [],
  steps: [],
  firstLine: 1,
  lastLine: null,
};
const record = { phases: [], steps: [], lastLine: 9 };
const failedBy = (reason: Reason, now: Partial<Run> = {}) =>
  failed({ ...run, ...now }, attempt, { reason, error: 'why' }, record, 50);

describe('transitions', () => {
  it('try a fault of the engine again after a pause, until the attempts are used up', () => {
    expect(failedBy('engine_lost').next).to.deep.equal({ number: 2, availableAt: 1050 });
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
    });
  });

  const ends = [
    ['build_step_failed', 'dead_letter', 'failed'],
    ['ref_not_found', 'dead_letter', 'failed'],
    ['timeout', 'timed_out', 'timed_out'],
    ['canceled', 'canceled', 'failed'],
    ['internal', 'dead_letter', 'failed'],
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

  it('cancel instead of trying again where somebody wants the run to stop', () => {
    const wanted = { cancelRequestedAt: 40 };
    const changes = [
      failedBy('engine_lost', wanted),
      lost({ ...run, ...wanted }, attempt, 9, 50),
      released({ ...run, ...wanted }, attempt, record, 50),
    ];
    for (const change of changes) {
      expect(change.run).to.deep.include({ state: 'canceled', reason: 'canceled', completedAt: 50 });
      expect(change.next).to.equal(undefined);
    }
    expect(failedBy('build_step_failed', wanted).run).to.deep.include({
      state: 'dead_letter',
      reason: 'build_step_failed',
    });
  });

  it('do not count an attempt that was given back', () => {
    const again = released(run, attempt, record, 50);
    expect(again.run).to.deep.include({ state: 'queued', attempt: 2, countedAttempts: 1 });
    expect(again.next).to.deep.equal({ number: 2, availableAt: 50 });
    expect(released({ ...run, cancelRequestedAt: 40 }, attempt, record, 50).run).to.deep.include({
      countedAttempts: 0,
    });
  });

  it('call a run crashed where its last attempt is lost', () => {
    expect(lost(run, attempt, 9, 50).next).to.deep.equal({ number: 2, availableAt: 50 });
    const change = lost({ ...run, countedAttempts: 3 }, attempt, 9, 50);
    expect(change.run).to.deep.include({ state: 'crashed', reason: 'lost' });
    expect(change.attempt).to.deep.include({ state: 'lost', reason: 'lost', lastLine: 9 });
  });

  it('say of a canceled run whether it had started', () => {
    const queued = { ...attempt, state: 'queued' as const };
    const error = (startedAt: number | null) =>
      cancelRequested({ ...run, state: 'queued', startedAt }, queued, 50)?.run.error;
    expect(error(null)).to.equal('canceled before it started');
    expect(error(2)).to.equal('canceled before it was tried again');
    expect(cancelRequested(run, attempt, 50)).to.deep.equal({ run: { cancelRequestedAt: 50 } });
    expect(cancelRequested({ ...run, cancelRequestedAt: 40 }, attempt, 50)).to.equal(undefined);
    expect(cancelRequested({ ...run, state: 'completed' }, attempt, 50)).to.equal(undefined);
  });

  it('refuse what the states do not know', () => {
    const done: Run = { ...run, state: 'completed' };
    expect(() => started(run, 1)).to.throw(TransitionError);
    expect(() => archived(run, 1)).to.throw(TransitionError);
    expect(() => succeeded(done, attempt, { images: [] }, record, 1)).to.throw(TransitionError);
    expect(() => lost(run, { ...attempt, state: 'lost' }, null, 1)).to.throw(TransitionError);
  });

  it('wait longer before each further attempt, at most a minute', () => {
    expect([1, 2, 3, 6, 7, 99].map(retryDelayMs)).to.deep.equal([1000, 2000, 4000, 32_000, 60_000, 60_000]);
  });
});
