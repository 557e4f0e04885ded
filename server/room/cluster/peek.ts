import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '../../words/run.ts';
import { placeFor } from '../../words/run.ts';
import { fits } from '../engines/fits.ts';
import type { EngineSeat } from '../engines/seat.ts';
import type { PumpOptions } from '../pump.ts';
import type { Room } from '../room.ts';
import { whileInTurn } from './inTurn.ts';

/** Whether work for any of these places would find one that is free for it; without places, whether any is. */
export type MayTake = (places?: readonly Place[]) => boolean;

/** What is asked of the room. */
export interface Peeking {
  store: Pick<Room['store'], 'shared'> & { read: Pick<Room['store']['read'], 'claimable'> };
  fleet: Pick<Room['fleet'], 'crowd'>;
}

/**
 * Where processes share the store a claim holds up the writes of all of them, also one that finds nothing. So whoever
 * only heard that there may be something asks first, which holds up nobody.
 */
export function peekFor({ store, fleet }: Peeking, mayTake: MayTake): PumpOptions {
  if (!store.shared) return {};
  const isThere = async () => mayTake() && mayTake(await store.read.claimable());
  return { peek: async () => (await isThere()) && (await isStillThere(fleet.crowd(), isThere)) };
}

/** Of more members than these too many would come in vain. */
const fewMembers = 4;
/** Between two hints that are taken at their word, in milliseconds. */
const trustMs = 50;

/**
 * Whether a hint is to be taken at its word, without the question before a claim that holds nobody up: where few are told, and
 * not often, that is the quicker way. Once in a while it says yes.
 */
export function trustIn({ fleet }: Pick<Peeking, 'fleet'>): () => boolean {
  let trustedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (fleet.crowd() > fewMembers || now < trustedAt + trustMs) return false;
    trustedAt = now;
    return true;
  };
}

/** Of many that see the same, all but one would come in vain: each looks once more after a while of its own. */
async function isStillThere(crowd: number, isThere: () => Promise<boolean>): Promise<boolean> {
  const ms = whileInTurn(crowd);
  if (ms === 0) return true;
  await pause(ms);
  return isThere();
}

/** Whether an engine has a free place for an attempt of one of these places. */
export function enginesMayTake(
  { engines, wishes }: Pick<Room, 'engines' | 'wishes'>,
  places: readonly Place[] | undefined,
): boolean {
  const mayBegin = wishes.server() === 'on';
  const takes = (seat: EngineSeat): boolean =>
    places === undefined ||
    (mayBegin && places.includes('engine')) ||
    platformsOf(places).some((platform) => fits(seat, platform));
  const asked = new Set<EngineSeat>();
  for (let seat = engines.free(); seat; seat = engines.free(asked.add(seat))) if (takes(seat)) return true;
  return false;
}

function platformsOf(places: readonly Place[]): string[] {
  const prefix = placeFor('');
  return places.filter((place) => place.startsWith(prefix)).map((place) => place.slice(prefix.length));
}
