import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from '../../words/wish.ts';
import type { Room } from '../room.ts';
import type { SeenMember } from './fleet.ts';

/** Between two looks at what a member told, in milliseconds. */
const lookAgainMs = 200;

/** Whether it works on nothing; and where it was told to begin nothing more, knows of that. */
export function isIdle({ isLost, running, doing }: SeenMember, wish: Wish): boolean {
  return isLost || (running === 0 && (wish === 'on' || doing !== 'on'));
}

/**
 * The member of a name, when it is idle, when `waitMs` are over, or when nobody waits any more or this process goes away;
 * undefined where there is none, or no more.
 */
export async function untilMemberIdle(
  room: Room,
  name: string,
  waitMs: number,
  gone: AbortSignal,
): Promise<SeenMember | undefined> {
  const until = performance.now() + waitMs;
  const either = AbortSignal.any([gone, room.closing.signal]);
  for (;;) {
    const member = await room.fleet.member(name);
    const left = until - performance.now();
    if (!member || isIdle(member, room.wishes.ofMember(name)) || left <= 0 || either.aborted) return member;
    await pause(Math.min(left, lookAgainMs), undefined, { signal: either }).catch(() => undefined);
  }
}
