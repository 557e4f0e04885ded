import type { Mark } from '../../builder/model/spec.ts';
import { removeContainers } from '../../builder/runContainer.ts';
import type { Engine } from '../../builder/steps/engine/engine.ts';
import { sweep } from '../../builder/steps/engine/sweep.ts';
import type { Outcome } from './finish.ts';
import { patientRoom } from './patientRoom.ts';
import type { Room } from './room.ts';
import type { HeldOnEngine } from './worker.ts';

/** Faults after which the engine is not trusted with another attempt until it answers. */
const engineFaults: ReadonlySet<string> = new Set(['engine_unreachable', 'engine_lost']);

/** Longest time for the clean-up of one attempt, in milliseconds: its run does not end before it. */
const sweepMs = 10_000;

/**
 * Removes what a failed attempt left on its engine. True where the engine could not be asked: then the leftovers
 * are to be recorded, and removed when it returns.
 */
export async function cleanUp(room: Room, held: HeldOnEngine, outcome: Outcome): Promise<boolean> {
  if (outcome.kind === 'done') return false;
  if (isOutOfReach(room, held, outcome)) return true;
  return !(await removed(room, held, (engine, mark, signal) =>
    sweep(engine, mark, { images: true, signal }),
  ));
}

/**
 * Removes the containers of an attempt whose end is stored: until then they are what another worker would go on with.
 * Where the engine cannot be asked that is recorded.
 */
export async function removeContainersOf(room: Room, held: HeldOnEngine): Promise<void> {
  if (await removed(room, held, removeContainers)) return;
  const leftover = { engine: held.on.engine.name, attemptId: held.attempt.id, createdAt: room.now() };
  const { store } = patientRoom(room, held.patience, { run: held.run.id, attempt: held.attempt.id });
  await store.write((tx) => tx.addLeftover(leftover));
}

/** Whether an attempt ended because its engine is away, which gets no other one then until it answers. */
export function isOutOfReach(room: Room, { on }: HeldOnEngine, outcome: Outcome): boolean {
  if (outcome.kind === 'done') return false;
  const { leftover, isElsewhere = false, fault } = outcome;
  if (!leftover && (isElsewhere || !engineFaults.has(fault.reason))) return false;
  room.engines.suspect(on, fault.message);
  return true;
}

/** False where the engine does not answer. */
async function removed(
  room: Room,
  { attempt, on }: HeldOnEngine,
  remove: (engine: Engine, mark: Mark, signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  try {
    await remove(on.engine, { store: room.store.id, attempt: attempt.id }, AbortSignal.timeout(sweepMs));
    return true;
  } catch (error) {
    room.report.warn({ error, attempt: attempt.id }, 'leftovers stay until the engine answers again');
    room.engines.suspect(on, error instanceof Error ? error.message : String(error));
    return false;
  }
}
