import { Problem } from '../../words/problems.ts';
import { isPart, type Run, type RunState } from '../../words/run.ts';
import type { Room } from '../room.ts';
import type { Submission, Submitted } from '../submit/submission.ts';
import { submit } from '../submit/submit.ts';

const replayable: ReadonlySet<RunState> = new Set([
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'dead_letter',
]);

/**
 * Does a run that failed once more, as a new run of which it is the parent.
 *
 * @throws Problem `not_found`, `bad_request` where it did not fail, and what `submit` throws
 */
export async function replay(room: Room, runId: string, createdBy?: string): Promise<Submitted> {
  const run = await runOf(room, runId);
  if (!replayable.has(run.state)) throw new Problem('bad_request', 'run is not replayable');
  return submit(room, await replayOf(room, run, createdBy));
}

/** The same for a run that was given up. Throws a Problem `conflict` where it was not. */
export async function dlqReplay(room: Room, runId: string, createdBy?: string): Promise<Submitted> {
  const run = await runOf(room, runId);
  if (run.state !== 'dead_letter') throw new Problem('conflict', 'run is not in the dead letter queue');
  return submit(room, await replayOf(room, run, createdBy));
}

async function runOf({ store }: Room, runId: string): Promise<Run> {
  const run = await store.read.run(runId);
  if (!run) throw new Problem('not_found', 'run not found');
  if (isPart(run))
    throw new Problem('bad_request', `run is a part of run ${run.parentRunId}: replay that one`);
  return run;
}

/** What asks for the same work: payload, ref, priority, tags and concurrency key, but not the idempotency key. */
export async function replayOf(
  { store }: Room,
  run: Run,
  createdBy: string | undefined,
): Promise<Submission> {
  const { payload } = await store.read.runBody(run.id);
  const { ref, request, priority, concurrencyKey, tags, metadata } = run;
  return {
    job: { id: run.jobId },
    trigger: 'retry',
    parent: run,
    request,
    priority,
    tags,
    metadata,
    ...(ref !== '' && { ref }),
    ...(payload !== null && { payload: { value: JSON.parse(payload), text: payload } }),
    ...(concurrencyKey !== null && { concurrencyKey }),
    ...(createdBy !== undefined && { createdBy }),
  };
}
