import { setTimeout as pause } from 'node:timers/promises';
import { EngineRefusal } from '../engine/engineFaults.ts';
import { removeContainer } from '../engine/ourContainers.ts';
import type { ContainerDeps, ContainerRun } from './containerRun.ts';
import { lookAtContainer } from './lookAtContainer.ts';

/** How long an engine may take beyond the time that the container has, in milliseconds. */
const answerMs = 10_000;
const usualPatienceMs = 20_000;
const pollMs = 100;

type Stopped = Pick<ContainerRun, 'deps' | 'spec' | 'name'>;

/**
 * Ends a container: the signal that its image wants, usually TERM, and after its time KILL. False where nobody could see
 * that it has ended.
 */
export function stopContainer({ deps, spec, name }: Stopped): Promise<boolean> {
  const path = `/containers/${name}/stop`;
  const query = { t: Math.ceil(spec.stopGraceMs / 1000) };
  const timeoutMs = spec.stopGraceMs + Math.min(answerMs, deps.goneTimeoutMs ?? answerMs);
  return confirmed(deps, async () => {
    try {
      await deps.engine.call({ method: 'POST', path, query, timeoutMs });
    } catch (error) {
      // It has ended, or there is none.
      if (!(error instanceof EngineRefusal && (error.status === 304 || error.status === 404))) throw error;
    }
    return true;
  });
}

/** Removes a container with its anonymous volumes. False where nobody could see that it is gone. */
export function removeForGood({ deps, spec }: Stopped): Promise<boolean> {
  return confirmed(deps, async () => {
    const found = await lookAtContainer(deps.engine, spec.mark);
    if (found) await removeContainer(deps.engine, found.id);
    return !found;
  });
}

async function confirmed(
  { goneTimeoutMs = usualPatienceMs }: ContainerDeps,
  attempt: () => Promise<boolean>,
): Promise<boolean> {
  const giveUpAt = Date.now() + goneTimeoutMs;
  for (;;) {
    try {
      if (await attempt()) return true;
    } catch (error) {
      // What the engine cannot do now it may do later.
      if (error instanceof EngineRefusal && error.status < 500 && error.status !== 409) return false;
    }
    if (Date.now() > giveUpAt) return false;
    await pause(pollMs);
  }
}
