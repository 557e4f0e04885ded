import { Problem } from '../../words/problems.ts';
import type { Submission } from './submission.ts';

const dayMs = 24 * 3_600_000;
const longestDelayMs = 30 * dayMs;
/** How far a client's clock may be behind ours, in milliseconds. */
const skewMs = 60_000;
const longestTtlSecs = 30 * 24 * 3600;
const longestKey = 256;
const highestPriority = 10;

/** Refuses what no job could do: 400. */
export function checkWish(
  { priority, ttlSecs, scheduledAt, idempotencyKey, concurrencyKey, debounceKey }: Submission,
  now: number,
): void {
  checkWhole('priority', priority, highestPriority);
  checkWhole('ttl_secs', ttlSecs, longestTtlSecs);
  if (scheduledAt !== undefined) checkStart(scheduledAt, now);
  checkKey('idempotency_key', idempotencyKey);
  checkKey('concurrency_key', concurrencyKey);
  checkKey('debounce_key', debounceKey);
}

/** A time that a run is to start at: not past, and at most 30 days ahead. */
export function checkStart(scheduledAt: number, now: number): void {
  if (Number.isNaN(scheduledAt)) throw invalid('scheduled_at', 'scheduled_at must be a time');
  if (scheduledAt < now - skewMs) throw invalid('scheduled_at', 'scheduled_at must not be in the past');
  if (scheduledAt > now + longestDelayMs)
    throw invalid('scheduled_at', 'scheduled_at must be at most 30 days ahead');
}

function checkWhole(field: string, value: number | undefined, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) return;
  throw invalid(field, `${field} must be a whole number from 0 to ${most}`);
}

/** Databases differ in what they make of characters that are none, and of NUL. */
function checkKey(field: string, key: string | undefined): void {
  if (key === undefined) return;
  if (key.length > longestKey) throw invalid(field, `${field} is too long (max ${longestKey} characters)`);
  if (!key.isWellFormed() || key.includes('\0'))
    throw invalid(field, `${field} must be made of characters, none of them NUL`);
}

export function invalid(field: string, sentence: string): Problem {
  return new Problem('validation_error', sentence, { field });
}
