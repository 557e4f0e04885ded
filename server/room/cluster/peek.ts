import type { Place } from '../../words/run.ts';
import { placeFor } from '../../words/run.ts';
import { fits } from '../engines/fits.ts';
import type { EngineSeat } from '../engines/seat.ts';
import type { PumpOptions } from '../pump.ts';
import type { Room } from '../room.ts';

/** Whether work for any of these places would find one that is free for it; without places, whether any is. */
type MayTake = (places?: readonly Place[]) => boolean;

/**
 * Where processes share the store a claim holds up the writes of all of them, also one that finds nothing. So whoever
 * only heard that there may be something asks first, which holds up nobody.
 */
export function peekFor({ store }: Room, mayTake: MayTake): PumpOptions {
  if (!store.shared) return {};
  return { peek: async () => mayTake() && mayTake(await store.read.claimable()) };
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
