import { nextTick } from './cron.ts';
import type { JobDefinition } from './job.ts';

/** What becomes of ticks that nobody was there for: the last of them is made up for, or all are left out. */
export const missedTicks = ['one', 'none'] as const;
export type MissedTicks = (typeof missedTicks)[number];

const minuteMs = 60_000;

/** A tick that is later than this was missed, in milliseconds. */
export const missedAfterMs = minuteMs;

/** Whether a tick still counts at `now`. */
export function tickCounts(tickAt: number, now: number, missed: MissedTicks): boolean {
  return missed === 'one' || now - tickAt <= missedAfterMs;
}

/**
 * The tick of a job that follows a time; null where it has no schedule, or one that cannot be read. It is after now too:
 * however many ticks were missed, they are one.
 */
export function tickAfter(
  { cron = '', timezone = '' }: Pick<JobDefinition, 'cron' | 'timezone'>,
  tickAt: number,
  now: number,
): number | null {
  if (cron === '') return null;
  try {
    return nextTick(cron, timezone || 'UTC', Math.max(tickAt, now));
  } catch {
    return null;
  }
}

/** Whether two times are in the same minute: schedules know nothing smaller, so that the same tick follows both. */
export function isSameMinute(one: number, other: number): boolean {
  return Math.floor(one / minuteMs) === Math.floor(other / minuteMs);
}
