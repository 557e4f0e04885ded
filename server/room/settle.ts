import type { WriteOptions } from '../store/store.ts';
import type { Room } from './room.ts';
import { type Changes, type Collected, collectChanges } from './settling/changes.ts';
import { type Echo, settleDependents } from './settling/dependents.ts';

/**
 * The one way in which runs change: `work` applies transitions in a transaction, and what follows from an end (secrets
 * deleted, the webhook's notification written, dependents released or canceled, older runs superseded) happens in the
 * same one. After the commit everybody who listens is told. `work` awaits nothing but what `changes` offers.
 */
export async function settle<T>(
  room: Room,
  work: (changes: Changes) => Promise<T>,
  options?: WriteOptions,
): Promise<T> {
  const now = room.now();
  const { value, changes } = await room.store.write(async (tx) => {
    const collected = collectChanges(room, tx, now);
    const result = await work(collected);
    await settleDependents(collected);
    wakeEarly(room, collected);
    return { value: result, changes: collected };
  }, options);
  announce(room, changes);
  if (changes.echoes.length > 0) await goOn(room, changes.echoes);
  return value;
}

/** Whoever waits behind the first hundred hears of the end in further transactions; a chore finds what a crash left. */
async function goOn(room: Room, left: Echo[]): Promise<void> {
  try {
    for (let echoes = left; echoes.length > 0;) {
      const changes = await room.store.write(async (tx) => {
        const collected = collectChanges(room, tx, room.now(), structuredClone(echoes));
        await settleDependents(collected);
        wakeEarly(room, collected);
        return collected;
      });
      announce(room, changes);
      echoes = changes.echoes;
    }
  } catch (error) {
    room.report.error({ error }, 'runs that wait for others could not all be told; they are looked at again');
  }
}

/**
 * A claim that is asked for now is done right after these changes, and both become durable by one commit; so nobody here
 * need be asked for one after it.
 */
function wakeEarly(room: Room, { concerns, places }: Collected): void {
  if (concerns.has('claims')) room.wakeEarly();
  else if (concerns.has('starts')) room.wakeEarly([...places]);
}

function announce(room: Room, { changed, interrupted, concerns }: Collected): void {
  for (const run of changed.values()) room.events.runChanged(run);
  for (const id of interrupted) room.interrupt(id);
  if (changed.size > 0) room.wakeClock();
  if (concerns.has('outbox')) room.wakeNotifier();
}
