import type { LogChunks, LogDay } from '../../../store/contract/logChunks.ts';
import { StoreUnavailable } from '../../../words/storeUnavailable.ts';

const dayMs = 86_400_000;
/** What is removed in the order of time comes to the end of its day before that; then the day can be dropped. */
const patienceMs = 2 * dayMs;
/** What is moved out of a day while nobody can write, in bytes. */
const fewBytes = 16 * 1024 * 1024;

/** What is done about a day: it goes with all that it has, but for what is kept; or what was removed of it alone. */
export type DayPlan = 'drop' | 'forget' | 'leave';

/** `isAsked` where somebody waits for the place. */
export function planOfDay(
  { endsAt, logs, keptBytes, removed, removedSince }: LogDay,
  now: number,
  isAsked: boolean,
): DayPlan {
  const isPast = endsAt + dayMs < now;
  if (isPast && logs === 0) return 'drop';
  const isDue = removed > 0 && (isAsked || (removedSince ?? now) + patienceMs < now);
  if (!isDue) return 'leave';
  return isPast && keptBytes <= fewBytes ? 'drop' : 'forget';
}

/**
 * Frees the place of logs that were removed: of a whole day where that is possible, so that nothing is deleted row by row.
 * What fails with one day is for the next time.
 */
export async function tidyDays(
  chunks: Pick<LogChunks, 'days' | 'dropDay' | 'forget'>,
  now: number,
  isAsked: boolean,
): Promise<void> {
  const faults: unknown[] = [];
  const tried = (work: Promise<void>) =>
    work.catch((error: unknown) => void (error instanceof StoreUnavailable || faults.push(error)));
  for (const made of await chunks.days()) {
    const plan = planOfDay(made, now, isAsked);
    if (plan === 'drop') await tried(chunks.dropDay(made.day));
    else if (plan === 'forget') await tried(chunks.forget(made.day));
  }
  await tried(chunks.forget());
  if (faults.length > 0) throw faults[0];
}
