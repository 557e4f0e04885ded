import { postgresStatement } from '../loose.ts';
import type { Borrow } from '../postgresSql.ts';

/**
 * Whoever holds the lock of all writes, where PostgreSQL has waited for his next word for seconds: his machine is cut off, or
 * he was stopped. PostgreSQL itself may wait for a quarter of an hour, in the middle of a statement without any limit.
 */
const endHolder = postgresStatement(`SELECT pg_terminate_backend(holder.pid) AS ended
  FROM pg_locks held JOIN pg_stat_activity holder ON holder.pid = held.pid
  WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (held.classid::bigint << 32 | held.objid::bigint) = $1
    AND holder.wait_event_type = 'Client' AND holder.state_change < clock_timestamp() - interval '4 seconds'`);

/** Ends the connection of who keeps all others from writing, and stands still. What he began is undone. */
export async function endStandstill(borrow: Borrow, lock: number): Promise<void> {
  await borrow((session) => session.query(endHolder.text, [lock]));
}
