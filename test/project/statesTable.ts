import { phases } from '../../builder/model/spec.ts';
import { plainStatus, statusOf as executionOf } from '../../server/doors/barbeque/status.ts';
import { statusOf as buildOf } from '../../server/doors/jobs/statuses.ts';
import { errorBrief } from '../../server/doors/scale/present/error.ts';
import { executionStatus, jobStatus } from '../../server/doors/scale/present/statuses.ts';
import { statusOf as runOf } from '../../server/doors/v1/present/runWords.ts';
import { jobKinds } from '../../server/words/job.ts';
import type { RunReason } from '../../server/words/reasons.ts';
import type { Attempt, Run } from '../../server/words/run.ts';
import type { Change } from '../../server/words/transitions/change.ts';
import type { RetryPlan } from '../../server/words/transitions/retry.ts';
import {
  archived,
  canceled,
  failed,
  lost,
  released,
  started,
  succeeded,
} from '../../server/words/transitions/running.ts';
import { cancelRequested, due, expired } from '../../server/words/transitions/waiting.ts';
import {
  attempt,
  delayedRun,
  queuedAttempt,
  queuedRun,
  record,
  run,
  waitingRun,
} from '../server/words/rows.ts';

/** A run with all its attempts, and what came of the newest try that a client asked for. */
export interface Scene {
  what: string;
  run: Run;
  attempts: Attempt[];
  retry?: Run;
}

const now = 10;
const plan: RetryPlan = { strategy: 'exponential', delaysSecs: [], jitter: 0 };
const lastTry: Run = { ...run, maxAttempts: 1 };

/** What a transition makes of a run and its attempts. */
function after(
  change: Change | undefined,
  before: Run,
  attempts: readonly Attempt[] = [attempt],
): Omit<Scene, 'what'> {
  if (!change) throw new Error(`nothing happens to the run that is ${before.state}`);
  const last = attempts.at(-1);
  const ended = last ? [...attempts.slice(0, -1), { ...last, ...change.attempt }] : [];
  const next = change.next ? [{ ...queuedAttempt, ...change.next }] : [];
  return { run: { ...before, ...change.run }, attempts: ended.concat(next) };
}

const fails = (before: Run, reason: RunReason) =>
  after(failed(before, attempt, { reason, error: 'it failed' }, record, plan, now), before);

const again = fails(run, 'engine_error');
const done = after(succeeded(run, attempt, null, record, now), run);
const given = fails(run, 'build_step_failed');

/** Every state that a run can be in, each as the transition that leads there leaves it. */
export const scenes: readonly Scene[] = [
  { what: 'waits for a dependency', run: waitingRun, attempts: [] },
  { what: 'waits for its time', run: delayedRun, attempts: [] },
  { what: 'first attempt', ...after(due(delayedRun, now), delayedRun, []) },
  { what: 'first attempt', run: { ...queuedRun, ...started(queuedRun, now).run }, attempts: [attempt] },
  { what: 'automatic retry', ...again },
  {
    what: 'automatic retry',
    run: { ...again.run, ...started(again.run, now).run },
    attempts: [...again.attempts.slice(0, -1), { ...attempt, number: 2 }],
  },
  { what: 'given back by a server that stopped', ...after(released(run, attempt, record, now), run) },
  { what: '', ...done },
  { what: 'not to be tried again', ...given },
  { what: 'its endpoint said so', ...fails({ ...run, kind: 'http', phase: null }, 'endpoint_reported') },
  { what: 'the last attempt took too long', ...fails(lastTry, 'timeout') },
  { what: 'its server was lost', ...after(lost(lastTry, attempt, null, now), lastTry) },
  { what: 'the engine failed it too often', ...fails(lastTry, 'engine_lost') },
  { what: 'while it ran', ...after(canceled(run, attempt, 'canceled', record, now), run) },
  {
    what: 'before it started',
    ...after(cancelRequested(queuedRun, queuedAttempt, now), queuedRun, [queuedAttempt]),
  },
  { what: 'while it waited', ...after(cancelRequested(waitingRun, undefined, now), waitingRun, []) },
  {
    what: 'did not start in time',
    ...after(expired(queuedRun, queuedAttempt, now), queuedRun, [queuedAttempt]),
  },
  { what: 'its log is archived', ...done, run: { ...done.run, ...archived(done.run, now).run } },
  { what: 'a client asked for another try, which goes on', ...given, retry: { ...run, trigger: 'retry' } },
  {
    what: 'a client asked for another try, which went well',
    ...given,
    retry: { ...done.run, trigger: 'retry' },
  },
];

/** The table of docs/states.md, line by line, as the doors' own functions say it. */
export function statesTable(): string[] {
  const head = ['run', '', '`/jobs`', 'Barbeque', 'Scale: executions', 'Scale: job', '`/v1/runs`'];
  return [head, head.map(() => '---'), ...scenes.map(rowOf)].map((cells) => `| ${cells.join(' | ')} |`);
}

function rowOf({ what, run: shown, attempts, retry }: Scene): string[] {
  return [
    `\`${shown.state}\``,
    what,
    buildsOf(shown),
    retry ? executionOf(shown, retry) : plainStatus(shown),
    attempts.map(executionWord).join(', ') || 'none',
    jobStatus(shown.state),
    runOf(shown.state),
  ];
}

/** A run that is running is shown by its phase and its kind. */
function buildsOf(shown: Run): string {
  if (shown.state !== 'running') return buildOf(shown);
  const ofImages = phases.map((phase) => buildOf({ ...shown, kind: 'image', phase }));
  const others = jobKinds.filter((kind) => kind !== 'image').map((kind) => buildOf({ ...shown, kind }));
  return `${ofImages.join(', ')}; no image: ${[...new Set(others)].join(', ')}`;
}

function executionWord({ state, reason }: Attempt): string {
  const status = executionStatus(state);
  return status === 'FAILED' ? `${status} (${errorBrief(reason).name})` : status;
}
