import type { Session } from '../postgresSession.ts';
import { integer } from '../row.ts';

export interface DatabaseClock {
  /** Milliseconds since 1970 as the database has them. */
  now(): number;
  /** Asks the database again. */
  set(session: Session): Promise<void>;
}

/** An answer that took longer, in milliseconds, says too little of when it was given. */
const slowMs = 100;

/** Goes on by the clock of this process that never jumps; what the database says puts it right. */
export function createDatabaseClock(): DatabaseClock {
  let beginsAt = performance.timeOrigin;
  let isSet = false;
  return {
    now: () => Math.floor(beginsAt + performance.now()),
    async set(session) {
      const askedAt = performance.now();
      const { rows } = await session.query(askTime, []);
      const tookMs = performance.now() - askedAt;
      if (isSet && tookMs > slowMs) return;
      beginsAt = integer(rows[0] ?? {}, 'ms') - askedAt - tookMs / 2;
      isSet = true;
    },
  };
}

const askTime = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms';
