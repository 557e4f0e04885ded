import { postgresStatement } from '../loose.ts';
import { nowMs } from './calls.ts';

// Whoever writes a log locks its head first: then nobody else begins with it, and what is asked next is not outdated.
export const lockHead = postgresStatement(`INSERT INTO log_heads (run_id, born) VALUES ($1, $2)
  ON CONFLICT (run_id) DO UPDATE SET last_line = log_heads.last_line`);

export const takeHead =
  postgresStatement(`UPDATE log_heads SET writer = $2 WHERE run_id = $1 AND ($3::text IS NULL
    OR EXISTS (SELECT 1 FROM attempts WHERE id = $3 AND lease_id = $4 AND state = 'running'))
  RETURNING last_line, commits, born`);

/** A log that was removed and is begun again has nothing of the one before. */
export const clearRemoved =
  postgresStatement(`WITH gone AS (DELETE FROM log_removed WHERE run_id = $1 RETURNING run_id)
  DELETE FROM log_chunks USING gone WHERE log_chunks.run_id = gone.run_id AND log_chunks.run_id = $1`);

export const moveHead = postgresStatement(`UPDATE log_heads
  SET commits = commits + 1, last_line = $4, raw = raw + $5, stored = stored + $6
  WHERE run_id = $1 AND writer = $2 AND commits = $3 RETURNING raw`);

export const headOf = postgresStatement('SELECT writer, commits FROM log_heads WHERE run_id = $1');

export const replaceChunks = postgresStatement(
  'DELETE FROM log_chunks WHERE run_id = $1 AND first_line >= $2',
);

export const insertChunk =
  postgresStatement(`INSERT INTO log_chunks (run_id, first_line, last_line, since, raw, stored,
    text_bytes, stdout_lines, stderr_lines, output_bytes, oldest_at, newest_at, body)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`);

/**
 * Removes the oldest chunks that are not of the head (what fits into half of the limit, $2, counted from line 1) until an
 * eighth of the limit is free; what they had is kept, in one row for each who wrote some of them. Nothing from line $3 on.
 */
export const removeMiddle = postgresStatement(`WITH chunks AS (
    SELECT first_line, since, raw, body IS NULL AS gone, sum(raw) OVER (ORDER BY first_line) AS upto
    FROM log_chunks WHERE run_id = $1),
  middle AS (
    SELECT first_line, since, sum(raw) OVER (ORDER BY first_line) - raw AS freed FROM chunks
    WHERE NOT gone AND first_line < $3
      AND (upto > $2::bigint / 2 OR first_line > (SELECT min(first_line) FROM chunks WHERE gone))),
  old AS (
    SELECT first_line, since FROM middle
    WHERE freed < (SELECT raw FROM log_heads WHERE run_id = $1) - $2::bigint + $2::bigint / 8),
  removed AS (
    DELETE FROM log_chunks WHERE run_id = $1 AND (first_line IN (SELECT first_line FROM old)
      OR body IS NULL AND since IN (SELECT since FROM old)) RETURNING *),
  kept AS (
    INSERT INTO log_chunks (run_id, first_line, last_line, since, raw, stored, text_bytes, stdout_lines, stderr_lines,
      output_bytes, oldest_at, newest_at, body)
    SELECT $1, min(first_line), max(last_line), since, 0, 0, 0, sum(stdout_lines), sum(stderr_lines), sum(output_bytes),
      min(oldest_at), max(newest_at), NULL FROM removed GROUP BY since)
  UPDATE log_heads SET raw = log_heads.raw - freed.raw, stored = log_heads.stored - freed.stored
  FROM (SELECT coalesce(sum(raw), 0)::bigint AS raw, coalesce(sum(stored), 0)::bigint AS stored FROM removed) freed
  WHERE run_id = $1 RETURNING freed.stored AS freed`);

export const addSize = postgresStatement(`INSERT INTO log_sizes (slot, bytes) VALUES ($1, $2)
  ON CONFLICT (slot) DO UPDATE SET bytes = log_sizes.bytes + excluded.bytes`);

export const totalSize = postgresStatement('SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM log_sizes');

const listed = 'WHERE run_id = ANY ($1::uuid[])';

export const sizesOf = postgresStatement(`SELECT run_id, stored FROM log_heads ${listed}`);

export const headsOf = postgresStatement(`SELECT run_id, last_line, born FROM log_heads ${listed}`);

// Those who remove the same logs take them in the same order.
export const removeLogs =
  postgresStatement(`WITH locked AS (SELECT run_id FROM log_heads ${listed} ORDER BY run_id FOR UPDATE),
  gone AS (DELETE FROM log_heads USING locked WHERE log_heads.run_id = locked.run_id RETURNING log_heads.run_id, stored),
  noted AS (INSERT INTO log_removed (run_id, removed_at) SELECT run_id, ${nowMs} FROM gone
    ON CONFLICT (run_id) DO UPDATE SET removed_at = excluded.removed_at)
  INSERT INTO log_sizes (slot, bytes) SELECT $2::integer, -sum(stored) FROM gone HAVING count(*) > 0
    ON CONFLICT (slot) DO UPDATE SET bytes = log_sizes.bytes + excluded.bytes`);

const there = 'EXISTS (SELECT 1 FROM log_heads WHERE run_id = $1)';
/** Where the chunk begins that a line, $2, may be in. */
const begun = `coalesce((SELECT max(first_line) FROM log_chunks WHERE run_id = $1 AND first_line <= $2), 0)`;

// Each chunk begins behind the one before: what is looked at is what is read, whatever is thought of how long the log is.
export const readChunks = postgresStatement(`WITH RECURSIVE walk AS (
    SELECT first_line, last_line, text_bytes, body, 0::bigint AS before, 1 AS place FROM log_chunks
    WHERE run_id = $1 AND first_line = ${begun} AND last_line >= $2 AND ${there}
    UNION ALL
    SELECT next.first_line, next.last_line, next.text_bytes, next.body, before + walk.text_bytes, place + 1
    FROM walk JOIN log_chunks next ON next.run_id = $1 AND next.first_line = walk.last_line + 1
    WHERE before + walk.text_bytes < $3::bigint AND place < 64)
  SELECT first_line, last_line, text_bytes, body FROM walk ORDER BY place`);

export const outlineOf = postgresStatement(`SELECT first_line, last_line, text_bytes, total, chunks,
    CASE WHEN is_edge THEN body END AS body, body IS NULL AS gone FROM (
      SELECT first_line, last_line, text_bytes, body,
        sum(text_bytes) OVER () AS total, count(body) OVER () AS chunks,
        body IS NOT NULL AND (lag(body IS NULL) OVER places IS NULL OR lead(body IS NULL) OVER places IS NULL) AS is_edge
      FROM log_chunks WHERE run_id = $1 AND first_line >= ${begun} AND last_line >= $2 AND first_line <= $3 AND ${there}
      WINDOW places AS (ORDER BY first_line)) placed
  WHERE is_edge OR body IS NULL ORDER BY first_line`);

export const countFrom =
  postgresStatement(`SELECT stdout_lines, stderr_lines, output_bytes, oldest_at, newest_at,
    begun.first_line, begun.last_line, begun.text_bytes, begun.body FROM
    (SELECT coalesce(sum(stdout_lines), 0) AS stdout_lines, coalesce(sum(stderr_lines), 0) AS stderr_lines,
      coalesce(sum(output_bytes), 0) AS output_bytes, min(oldest_at) AS oldest_at, max(newest_at) AS newest_at
      FROM log_chunks WHERE run_id = $1 AND first_line >= $2) whole
  LEFT JOIN (SELECT first_line, last_line, text_bytes, body FROM log_chunks
    WHERE run_id = $1 AND first_line < $2 ORDER BY first_line DESC LIMIT 1) begun ON begun.last_line >= $2 AND begun.body IS NOT NULL`);

export const removedParts =
  postgresStatement(`SELECT first_line, last_line, stdout_lines, stderr_lines, output_bytes,
    oldest_at, newest_at FROM log_chunks WHERE run_id = $1 AND body IS NULL AND ${there} ORDER BY first_line`);

// Seven days are more than anybody is away who writes logs, and few enough to be looked at every time.
export const makeDays = postgresStatement('SELECT make_log_days(7)');

const ofDay = 'run_id >= log_day_edge(day) AND run_id < log_day_edge(day + 1)';

export const daysMade =
  postgresStatement(`SELECT day::text AS day, (extract(epoch FROM (day + 1)::timestamp) * 1000)::bigint AS ends_at,
    (SELECT count(*) FROM log_heads WHERE ${ofDay}) AS logs,
    (SELECT coalesce(sum(stored), 0)::bigint FROM log_heads WHERE ${ofDay}) AS kept_bytes,
    (SELECT count(*) FROM log_removed WHERE ${ofDay}) AS removed,
    (SELECT min(removed_at) FROM log_removed WHERE ${ofDay}) AS removed_since
  FROM (SELECT to_date(right(relname, 8), 'YYYYMMDD') AS day FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'log_chunks'::regclass AND relname ~ '^log_chunks_[0-9]{8}$') made ORDER BY day`);

export const dropDay = postgresStatement('SELECT drop_log_day($1::date)');

// Some at a time: one log may have thousands of chunks.
const some = (those: string) => `WITH gone AS (DELETE FROM log_removed
    WHERE run_id IN (SELECT run_id FROM log_removed WHERE ${those} LIMIT 50) RETURNING run_id),
  freed AS (`;
const told = ') SELECT count(*) AS logs FROM gone';

export const forgetOfDay =
  postgresStatement(`${some('run_id >= log_day_edge($1::date) AND run_id < log_day_edge($1::date + 1)')}
  DELETE FROM log_chunks USING gone WHERE log_chunks.run_id = gone.run_id
    AND log_chunks.run_id >= log_day_edge($1::date) AND log_chunks.run_id < log_day_edge($1::date + 1)${told}`);

/** The day that an id says: of another version than 7 any day, which is no more made than any other. */
const dayOfId = `(to_timestamp(('x' || left(replace(run_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date`;

export const forgetElse = postgresStatement(`${some(`to_regclass(log_day_table(${dayOfId})) IS NULL`)}
  DELETE FROM log_chunks_else chunks USING gone WHERE chunks.run_id = gone.run_id${told}`);
