import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from '../../words/wish.ts';
import type { Room } from '../room.ts';
import type { SeenMember } from './fleet.ts';
import { beatMs } from './times.ts';

/** Between two looks whether it has heard, in milliseconds. */
const lookMs = 50;
/** It looks by itself as often as it gives a sign of life, and tells with the next one. */
const longestMs = 2.5 * beatMs;

/**
 * Tells a member what is wanted of it. Resolves when it has heard that it is to begin nothing more, so that nothing begins
 * any more; or where it did not hear soon: what it was told is kept for it. Undefined where nobody is called so.
 */
export async function tellMember(room: Room, name: string, wish: Wish): Promise<SeenMember | undefined> {
  if (!(await room.fleet.member(name))) return undefined;
  await room.wishes.setMember(name, wish);
  const giveUpAt = performance.now() + longestMs;
  for (;;) {
    room.fleet.forget();
    const member = await room.fleet.member(name);
    const hasHeard = wish === 'on' || !member || member.isLost || member.doing !== 'on';
    if (hasHeard || performance.now() > giveUpAt || room.closing.signal.aborted) return member;
    await pause(lookMs);
  }
}
