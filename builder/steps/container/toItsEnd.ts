import { wayOf } from '../../model/containerMessage.ts';
import { BuildFault } from '../../model/faults.ts';
import { removeContainer } from '../engine/ourContainers.ts';
import { containerFault, isBreak, isUnreadInput } from './containerFaults.ts';
import type { ContainerRun } from './containerRun.ts';
import { createContainer } from './createContainer.ts';
import { type KnownContainer, lookAtContainer } from './lookAtContainer.ts';
import { createPatience, type Patience } from './patience.ts';
import { readAgain } from './readAgain.ts';
import { startAndRead } from './startAndRead.ts';

/**
 * Starts a container where it is not, and resolves when it has ended and all of its output is in the log. Where the
 * connection to the engine breaks, it looks what became of the container and goes on there. Rejects with a BuildFault:
 * `container_lost` where the container is gone, `engine_lost` where the engine stays away for 30 s.
 */
export async function toItsEnd(run: ContainerRun, known: 'new' | 'unknown'): Promise<KnownContainer> {
  const { deps, signal } = run;
  const patience = createPatience(signal);
  for (let isNew = known === 'new'; ; isNew = false) {
    try {
      const end = await oneTry(run, isNew, patience);
      if (end?.status === 'exited') return end;
      if (!end) break;
      // It may have closed its output, and go on.
      await patience.rest(undefined);
    } catch (error) {
      signal.throwIfAborted();
      if (!isBreak(error)) throw containerFault(deps.engine.name, error, 'build');
      run.wasBroken ||= !isUnreadInput(error);
      await patience.rest(error);
    }
  }
  run.progress = 'ended';
  throw new BuildFault('container_lost', `the container is gone from the engine ${deps.engine.name}`);
}

/** Undefined where there is no container any more. */
async function oneTry(
  run: ContainerRun,
  isNew: boolean,
  patience: Patience,
): Promise<KnownContainer | undefined> {
  const found = isNew ? undefined : await look(run, patience);
  if (!isNew && !found) return undefined;
  if (found) await goOn(run, found);
  else await startAndRead(run);
  try {
    return await look(run, patience);
  } catch (error) {
    run.wasShutDown = found?.status !== 'exited';
    throw error;
  }
}

async function goOn(run: ContainerRun, found: KnownContainer): Promise<void> {
  if (found.status !== 'created') return readAgain(run, found);
  if (run.spec.message && wayOf(run.spec.message) === 'stdin') {
    // Its input was closed by whoever let it go.
    await removeContainer(run.deps.engine, found.id, run.signal);
    await createContainer(run);
  }
  return startAndRead(run);
}

async function look(run: ContainerRun, patience: Patience): Promise<KnownContainer | undefined> {
  const { deps, spec, signal } = run;
  const found = await lookAtContainer(deps.engine, spec.mark, signal);
  patience.answered();
  // It has outlived whatever there was.
  if (found?.status === 'running') Object.assign(run, { wasBroken: false, wasShutDown: false });
  return found;
}
