import { serves } from '../words/member.ts';
import type { ClaimWish } from './claim.ts';
import type { Room } from './room.ts';
import type { Seat } from './worker.ts';

/** Takes what a wish is for, and tells how many attempts that were. */
type Take = (wish: ClaimWish, most: number, seatOf: () => Seat) => Promise<number>;

/** How many HTTP attempts one transaction claims at most, so that none keeps the others waiting for long. */
export const mostAtOnce = 32;

/** Takes HTTP attempts while there are places beside those `underWay`; whether there may be more to do. */
export async function httpTurn(
  room: Room,
  underWay: number,
  take: Take,
  onLook: () => void,
): Promise<boolean> {
  // What is to be held back is asked here once: nothing is awaited between this and the claim.
  const most = mayDispatch(room, underWay);
  const wish = { place: 'http', engine: null, onLook } as const;
  return most > 0 && (await take(wish, most, () => ({ place: 'http' }))) === most;
}

/** How many more HTTP attempts may begin here at once. */
export function mayDispatch({ wishes, fleet, policy }: Room, underWay: number): number {
  const { me } = fleet;
  const mayBegin = serves(me.role) && wishes.server() === 'on' && wishes.ofMember(me.name) === 'on';
  return mayBegin ? Math.min(mostAtOnce, policy().httpSlots - underWay) : 0;
}
