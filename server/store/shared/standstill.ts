import { postgresStatement } from '../loose.ts';
import type { Borrow } from '../postgresSql.ts';

/**
 * Where PostgreSQL has waited for somebody's next word for seconds: his machine is cut off, or he was stopped. PostgreSQL
 * itself may wait for a quarter of an hour, in the middle of a statement without any limit.
 */
const standsStill = `holder.wait_event_type = 'Client'
    AND holder.state_change < clock_timestamp() - interval '4 seconds'`;

const endHolder = postgresStatement(`SELECT pg_terminate_backend(holder.pid) AS ended
  FROM pg_locks held JOIN pg_stat_activity holder ON holder.pid = held.pid
  WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (held.classid::bigint << 32 | held.objid::bigint) = $1
    AND ${standsStill}`);

// Also a statement that was begun and not yet sent whole has its tables. What a person locked is left alone.
const endBlocking = postgresStatement(`SELECT pg_terminate_backend(holder.pid) AS ended
  FROM pg_stat_activity waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocking (pid)
    JOIN pg_stat_activity holder ON holder.pid = blocking.pid
  WHERE waiting.datname = current_database() AND waiting.wait_event_type = 'Lock'
    AND waiting.application_name = $1 AND holder.application_name = $1
    AND ${standsStill}`);

/** Between two looks, in milliseconds. */
const lookMs = 1000;

/** Waits for work that others may hold up, and looks again and again for who stands still; a look may fail. */
export async function whileWaiting<T>(look: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const looking = setInterval(() => void look().catch(() => undefined), lookMs);
  try {
    return await work();
  } finally {
    clearInterval(looking);
  }
}

/** Ends the connection of who keeps a lock from all others, and stands still. What he began is undone. */
export async function endStandstill(borrow: Borrow, lock: number): Promise<void> {
  await borrow((session) => session.query(endHolder.text, [lock]));
}

/** Ends the connections of an application that stand still, whatever they have, where the same application waits for it. */
export async function endAllStandstill(borrow: Borrow, application: string): Promise<void> {
  await borrow((session) => session.query(endBlocking.text, [application]));
}
