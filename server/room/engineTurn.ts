import type { ClaimWish } from './claim.ts';
import { fits } from './engines/fits.ts';
import type { EngineSeat } from './engines/seat.ts';
import type { Room } from './room.ts';
import type { EnginePlace } from './worker.ts';

/** Takes what a wish is for, and tells how many attempts that were; each asks for its place when it is there. */
type Take = (wish: ClaimWish, most: number, seatOf: () => EnginePlace) => Promise<number>;

/**
 * Takes one attempt for a free engine: the one with the most places first, then the others, for what waits may need one of
 * them. False where there is nothing to do for any.
 */
export async function engineTurn(room: Room, take: Take): Promise<boolean> {
  const asked = new Set<EngineSeat>();
  for (let seat = room.engines.free(); seat; seat = room.engines.free(asked.add(seat)))
    if ((await takeFor(room, seat, take)) > 0) return true;
  return false;
}

async function takeFor(room: Room, seat: EngineSeat, take: Take): Promise<number> {
  const { name: engine } = seat.engine;
  // A server that is held back goes on with what it has begun. It is asked here: nothing is awaited before the claim.
  const partsOnly = room.wishes.server() !== 'on';
  const fitting = (platform: string): boolean => fits(seat, platform);
  // Builds that go on must see that the place is spoken for.
  const place = room.engines.reserve(seat);
  try {
    return await take({ place: 'engine', engine, fits: fitting, partsOnly }, 1, () => ({
      place: 'engine',
      seat,
      leave: place.enter(),
    }));
  } finally {
    place.cancel();
  }
}
