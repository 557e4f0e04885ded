import type { Run } from '../../words/run.ts';
import type { Room } from '../room.ts';

/** Time to speak for a run after its last attempt, in milliseconds. */
const marginMs = 60_000;

/** A token that lets its holder speak for the run: while it may still start, and while all of its attempts last. */
export function runTokenOf({ tokens, now }: Pick<Room, 'tokens' | 'now'>, run: Run): string {
  const lastsUntil = now() + run.maxAttempts * run.timeoutMs + marginMs;
  return tokens.sign(run.id, now(), Math.max(run.expiresAt ?? 0, lastsUntil));
}
