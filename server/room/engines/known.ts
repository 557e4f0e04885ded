import type { ExecutedOn } from '../../store/contract/executions.ts';
import type { Room } from '../room.ts';
import type { SeenEngine } from '../members/fleet.ts';

/** An engine by its number. */
export interface KnownEngine {
  engine: ExecutedOn;
  /** Undefined where no member has it now. */
  seat: SeenEngine | undefined;
}

/** Every engine that a member has, and every one that an attempt ever ran on, in the order of their numbers. */
export async function knownEngines({ store, fleet, now }: Room): Promise<KnownEngine[]> {
  const seats = new Map((await fleet.engines()).toReversed().map((seat) => [seat.name, seat]));
  const known = await store.read.knownEngines();
  const names = new Set(known.map(({ name }) => name));
  const unnumbered = [...seats.keys()].filter((name) => !names.has(name));
  const numbered = unnumbered.length === 0 ? [] : await number({ store, now }, unnumbered);
  return [...known, ...numbered]
    .map((engine) => ({ engine, seat: seats.get(engine.name) }))
    .toSorted((a, b) => a.engine.key - b.engine.key);
}

/** An engine gets its number when it is used or asked for first. */
function number(
  { store, now }: Pick<Room, 'store' | 'now'>,
  names: readonly string[],
): Promise<ExecutedOn[]> {
  return store.write(async (tx) => {
    const createdAt = now();
    const made: ExecutedOn[] = [];
    for (const name of names) made.push({ key: await tx.ensureEngine(name, createdAt), name, createdAt });
    return made;
  });
}
