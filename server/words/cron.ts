import { Cron } from 'croner';

const minuteMs = 60_000;
/** A leap year's day comes again within eight years: what has not come by then never does. */
const fromWhen = new Date('2026-01-01T00:00:00Z');
const longest = 256;

/**
 * Why a text is no cron expression; undefined where it is one. It has five fields (minute, hour, day of the month, month,
 * day of the week) and names a minute that comes.
 */
export function cronProblem(expression: string): string | undefined {
  if (expression.length > longest) return `it is longer than ${longest} characters`;
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return `it has ${fields.length} fields in place of 5`;
  try {
    return scheduleOf(expression, 'UTC').nextRun(fromWhen) === null
      ? 'no minute that it names ever comes'
      : undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
  }
}

/** Whether it names a time zone of the IANA database, e.g. `Europe/Berlin`. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/**
 * The first tick after a time, both in milliseconds since 1970; null where none comes. An expression of one time of day
 * ticks once a day, also on the day when the clock leaves that time out (then right after the gap) or shows it twice;
 * others follow the clock.
 */
export function nextTick(expression: string, timezone: string, afterMs: number): number | null {
  return scheduleOf(expression, timezone).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** When something may start that wants to at `atMs`: then, if the expression names that minute, else at its next one. */
export function windowStart(expression: string, timezone: string, atMs: number): number {
  const minute = Math.floor(atMs / minuteMs) * minuteMs;
  const window = scheduleOf(expression, timezone);
  if (window.match(new Date(minute))) return atMs;
  const next = window.nextRun(new Date(minute - 1))?.getTime();
  return next === undefined || next === minute ? atMs : next;
}

/** Many schedules tick in the same instant: what was read of an expression is kept. */
const kept = new Map<string, Cron>();
const mostKept = 1000;

function scheduleOf(expression: string, timezone: string): Cron {
  const name = `${timezone} ${expression}`;
  const known = kept.get(name);
  if (known) return known;
  // The calendar of a zone is slow to ask, and UTC needs none.
  const zone = timezone === 'UTC' ? { utcOffset: 0 } : { timezone };
  const made = new Cron(expression, { ...zone, mode: '5-part', paused: true });
  const oldest = kept.keys().next();
  if (kept.size >= mostKept && !oldest.done) kept.delete(oldest.value);
  kept.set(name, made);
  return made;
}
