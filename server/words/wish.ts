/**
 * What people want of an engine, or of the whole server. Both `paused` and `draining` finish what they have and take
 * nothing more; what is paused is to come back, what drains is to go away.
 */
export const wishes = ['on', 'paused', 'draining'] as const;
export type Wish = (typeof wishes)[number];

/** By which word each is asked for. */
export const wishVerbs: readonly (readonly [verb: string, wish: Wish])[] = [
  ['pause', 'paused'],
  ['drain', 'draining'],
  ['resume', 'on'],
];

/** A member that is to finish what it has lets none of its engines begin anything. */
export function heldBack(member: Wish, engine: Wish): Wish {
  return member === 'on' ? engine : member;
}
