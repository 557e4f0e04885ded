import { badRequest } from '../problems.ts';
import { lastOf } from './values.ts';

/** Milliseconds since 1970, both ends included. */
export interface TimeRange {
  modifiedFrom?: number;
  modifiedTo?: number;
}

const amount = String.raw`(\d+(?:\.\d+)?)`;
const duration = new RegExp(`^P(?:${amount}D)?(?:T(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`);
/** The day, the minute, seconds, microseconds, and hours and minutes of the zone. */
const instant =
  /^(\d{4}-\d{1,2}-\d{1,2})[T ](\d{1,2}:\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})\d{0,6})?)?(?:Z|\+(\d\d)(?::?(\d\d))?)$/;
const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Before it no time is known. */
const earliest = Date.parse('0001-01-01T00:00:00Z');

/**
 * The range of `started` and `ended`. A duration means so long before `now`, which is the same for both. Throws a
 * Problem (400) where one cannot be read, or both are the same or the wrong way around.
 */
export function timeRangeOf(query: URLSearchParams, now: number): TimeRange {
  const [from, to] = [instantOf(query, 'started', now), instantOf(query, 'ended', now)];
  if (from !== undefined && from === to) throw badRequest('Start and end values must be different');
  if (from !== undefined && to !== undefined && from > to)
    throw badRequest('Start time must come before end time');
  return {
    // What happened has whole milliseconds; microseconds may be asked for.
    ...(from !== undefined && { modifiedFrom: Math.ceil(from) }),
    ...(to !== undefined && { modifiedTo: Math.floor(to) }),
  };
}

/** The moment that a parameter says, in milliseconds since 1970 with a fraction; undefined where it is not there. */
export function instantOf(query: URLSearchParams, name: string, now: number): number | undefined {
  const text = lastOf(query, name);
  if (text === undefined) return undefined;
  const time = text.startsWith('P') ? timeBefore(now, text) : timeAt(text);
  if (time === undefined) throw badRequest(`Invalid ISO timestamp format for parameter: ${name}`);
  return time;
}

function timeBefore(now: number, text: string): number | undefined {
  const found = duration.exec(text);
  if (!found) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const time = now - (days * dayMs + hours * hourMs + minutes * minuteMs + seconds * secondMs);
  return time >= earliest ? time : undefined;
}

/** A moment with its zone, which is none west of Greenwich: the original takes no other. */
function timeAt(text: string): number | undefined {
  const found = instant.exec(text);
  if (!found) return undefined;
  const part = (group: number): string => found[group] ?? '';
  const minute = `${padded(part(1))}T${padded(part(2))}`;
  const time = Date.parse(`${minute}Z`);
  // The 30th of February would be a day of March.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(minute)) return undefined;
  const seconds = Number(part(3));
  const zone = Number(part(5)) * hourMs + Number(part(6)) * minuteMs;
  const at = time + seconds * secondMs + Number(part(4).padEnd(6, '0')) / 1000 - zone;
  return seconds < 60 && zone < dayMs && at >= earliest ? at : undefined;
}

/** Every number has two digits at least. */
function padded(text: string): string {
  return text.replaceAll(/\b\d\b/g, '0$&');
}
