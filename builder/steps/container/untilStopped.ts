import { addAbortListener } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { BuildFault } from '../../model/faults.ts';
import type { ContainerRun } from './containerRun.ts';
import { removeForGood, stopContainer } from './stopContainer.ts';

/** Longest time for the last output of a stopped container to arrive, in milliseconds. */
const lastWordsMs = 5_000;

/** Whether the container goes on with somebody else, who will look for it. */
export function letsGo(reason: unknown): boolean {
  return reason instanceof BuildFault && (reason.reason === 'lost' || reason.reason === 'released');
}

/**
 * Works until `stop` aborts, and rejects with its reason then: at once where the container goes on with another, else
 * after the container is gone. Where the work fails and the container may still run, that one is ended, too.
 */
export async function untilStopped<T>(
  run: ContainerRun,
  { stop, line }: { stop: AbortSignal; line: AbortController },
  work: () => Promise<T>,
): Promise<T> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  using _listener = addAbortListener(stop, () => resolve());
  const working = work();
  try {
    await Promise.race([working, stopped]);
    if (!stop.aborted) return await working;
  } catch (error) {
    if (!stop.aborted) throw await ended(run, error);
  }
  working.catch(() => undefined);
  if (letsGo(stop.reason)) line.abort(stop.reason);
  else await leaveNothing(run, line, { working, reason: stop.reason });
  throw stop.reason;
}

/** Ends what a fault of another kind left running. */
async function ended(run: ContainerRun, error: unknown): Promise<unknown> {
  const { deps, progress } = run;
  if (progress !== 'started') return error;
  const isAway = error instanceof BuildFault && error.reason === 'engine_lost';
  if (isAway) deps.onLeftover();
  else if (!(await stopContainer(run))) deps.onLeftover();
  return error;
}

async function leaveNothing(
  run: ContainerRun,
  line: AbortController,
  { working, reason }: { working: Promise<unknown>; reason: unknown },
): Promise<void> {
  const { deps, progress } = run;
  const settled = working.then(
    () => undefined,
    () => undefined,
  );
  // A pull is over with its connection, and a container that is being made is there when the answer is.
  if (progress === 'new') line.abort(reason);
  const isStopped = progress === 'new' || (await stopContainer(run));
  if (progress === 'new') await settled;
  else if (isStopped) await Promise.race([settled, pause(lastWordsMs, undefined, { ref: false })]);
  line.abort(reason);
  await settled;
  if (!isStopped || !(await removeForGood(run))) deps.onLeftover();
}
