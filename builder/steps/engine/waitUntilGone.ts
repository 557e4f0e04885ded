import { setTimeout as pause } from 'node:timers/promises';
import type { Mark } from '../../model/spec.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal } from './engineFaults.ts';
import { createContainerFinder, type OurContainer, removeContainer } from './ourContainers.ts';

export interface GoneOptions {
  /** Short id of a container that the build ran; what an engine without control groups is asked for. */
  container: string | undefined;
  /** Milliseconds. */
  timeoutMs: number;
  /** Whether to go on asking an engine that does not answer, until the time is over. */
  patient: boolean;
}

const pollMs = 25;
/** A dropped build ends its container within 0.1 s; one that is still there after this is removed by force. */
const forceAfterMs = 1_500;

/**
 * Waits until no container of the attempt is on the engine. False where that could not be seen: the engine does not
 * answer, or the container stays.
 */
export async function waitUntilGone(engine: Engine, mark: Mark, options: GoneOptions): Promise<boolean> {
  const startedAt = Date.now();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const find = createContainerFinder(engine, mark.store);
  let emptyLooks = 0;
  while (!deadline.aborted) {
    try {
      const left = await containersLeft(engine, find, mark, options.container, deadline);
      emptyLooks = left.length === 0 ? emptyLooks + 1 : 0;
      // The engine may have been about to create one at the first look.
      if (emptyLooks === 2) return true;
      if (Date.now() - startedAt > forceAfterMs) await removeAll(engine, left, deadline);
    } catch {
      if (!options.patient) return false;
    }
    await pause(pollMs);
  }
  return false;
}

async function removeAll(engine: Engine, containers: { id: string }[], signal: AbortSignal): Promise<void> {
  for (const { id } of containers) await removeContainer(engine, id, signal);
}

async function containersLeft(
  engine: Engine,
  find: (signal: AbortSignal) => Promise<OurContainer[]>,
  mark: Mark,
  container: string | undefined,
  signal: AbortSignal,
): Promise<{ id: string }[]> {
  const found = (await find(signal)).filter(({ attempt }) => attempt === mark.attempt);
  if (found.length > 0 || container === undefined || !(await exists(engine, container, signal))) return found;
  return [{ id: container }];
}

async function exists(engine: Engine, container: string, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.call({ method: 'GET', path: `/containers/${container}/json`, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return false;
    throw error;
  }
}
