import type { Session } from '../postgresSession.ts';
import { integer } from '../row.ts';

export interface DatabaseClock {
  /** Milliseconds since 1970 as the database has them. */
  now(): number;
  /** Asks the database again. */
  set(session: Session): Promise<void>;
}

/** An answer that took less, in milliseconds, needs no other one; and how many are asked for at most. */
const [quickMs, mostAsked] = [2, 3];

/**
 * Goes on by the clock of this process that never jumps. What the database says puts it right where it is certain that it
 * goes wrong: the time was told at some moment between question and answer, so that a slow answer leaves much room.
 */
export function createDatabaseClock(monotonicMs: () => number = () => performance.now()): DatabaseClock {
  let beginsAt: number | undefined;

  /** Gives the milliseconds that the answer took. */
  async function ask(session: Session): Promise<number> {
    const askedAt = monotonicMs();
    const { rows } = await session.query(askTime, []);
    const answeredAt = monotonicMs();
    const told = integer(rows[0] ?? {}, 'ms');
    const [earliest, latest] = [told - answeredAt, told + 1 - askedAt];
    beginsAt = Math.min(Math.max(beginsAt ?? (earliest + latest) / 2, earliest), latest);
    return answeredAt - askedAt;
  }

  return {
    now: () => Math.floor((beginsAt ?? performance.timeOrigin) + monotonicMs()),
    async set(session) {
      for (let asked = 0; asked < mostAsked; asked++) if ((await ask(session)) < quickMs) return;
    },
  };
}

/** Whole milliseconds, not rounded. */
const askTime = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms';
