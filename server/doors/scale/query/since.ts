import { type TimeRange, timeRangeOf } from './instants.ts';

/** The same as `timeRangeOf`, from three hours ago on where no beginning is asked for. */
export function sinceOf(query: URLSearchParams, now: number): TimeRange {
  const asked = new URLSearchParams(query);
  if (!asked.has('started')) asked.set('started', 'PT3H0M0S');
  return timeRangeOf(asked, now);
}
