/**
 * What people want of an engine, or of the whole server. Both `paused` and `draining` finish what they have and take
 * nothing more; what is paused is to come back, what drains is to go away.
 */
export const wishes = ['on', 'paused', 'draining'] as const;
export type Wish = (typeof wishes)[number];
