// Of each log who may write it, how often that was done, and what it has; born tells it from one that had the same run and
// was removed. Changed with every commit: a page has room for it.
const heads = `CREATE TABLE log_heads (
  run_id UUID NOT NULL PRIMARY KEY,
  born UUID NOT NULL,
  writer UUID,
  commits BIGINT NOT NULL DEFAULT 0,
  last_line BIGINT NOT NULL DEFAULT 0,
  raw BIGINT NOT NULL DEFAULT 0,
  stored BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 70)`;

// Neighbouring lines. A body that is null was removed, and the rest tells what it had.
const chunks = `CREATE TABLE log_chunks (
  run_id UUID NOT NULL,
  first_line BIGINT NOT NULL,
  last_line BIGINT NOT NULL CHECK (last_line >= first_line),
  since BIGINT NOT NULL,
  raw INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL,
  stdout_lines BIGINT NOT NULL,
  stderr_lines BIGINT NOT NULL,
  output_bytes BIGINT NOT NULL,
  oldest_at BIGINT,
  newest_at BIGINT,
  body BYTEA,
  PRIMARY KEY (run_id, first_line)
) PARTITION BY RANGE (run_id)`;

// The ids of runs begin with their time: a day of them is a partition, which is dropped as a whole. Where no day is
// made, and what is kept of days that were dropped, is in the last one.
const days = [
  chunks,
  // It is packed already.
  'ALTER TABLE log_chunks ALTER COLUMN body SET STORAGE EXTERNAL',
  'CREATE TABLE log_chunks_else PARTITION OF log_chunks DEFAULT',
  `CREATE FUNCTION log_day_edge(day DATE) RETURNS UUID LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM day::timestamp) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
  $$`,
  `CREATE FUNCTION log_day_table(day DATE) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT 'log_chunks_' || lpad(extract(year FROM day)::text, 4, '0') || lpad(extract(month FROM day)::text, 2, '0')
      || lpad(extract(day FROM day)::text, 2, '0')
  $$`,
  // A table is attached, because to be made as a partition it would keep everybody out of all of them.
  // Who comes while somebody else makes them waits for that: a log that went on beside the days would keep today's from being made.
  `CREATE FUNCTION make_log_days(ahead INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
    DECLARE
      today DATE := (clock_timestamp() AT TIME ZONE 'UTC')::date;
      missing DATE[] := ARRAY(SELECT today + n FROM generate_series(0, ahead) n
        WHERE to_regclass(log_day_table(today + n)) IS NULL);
      day DATE;
    BEGIN
      IF missing = '{}' THEN RETURN 0; END IF;
      PERFORM set_config('lock_timeout', '1s', true);
      PERFORM pg_advisory_xact_lock(7239001965);
      FOREACH day IN ARRAY missing LOOP
        CONTINUE WHEN to_regclass(log_day_table(day)) IS NOT NULL;
        BEGIN
          EXECUTE format('CREATE TABLE %I (LIKE log_chunks INCLUDING ALL)', log_day_table(day));
          EXECUTE format('ALTER TABLE log_chunks ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            log_day_table(day), log_day_edge(day), log_day_edge(day + 1));
        EXCEPTION WHEN check_violation THEN
          -- Logs of that day came before it: they stay where they are.
          NULL;
        END;
      END LOOP;
      RETURN cardinality(missing);
    END
  $$`,
  // What was removed is forgotten before what is there is looked at: a log that is removed in between is found later.
  `CREATE FUNCTION drop_log_day(day DATE) RETURNS VOID LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT pg_try_advisory_xact_lock(7239001965) OR to_regclass(log_day_table(day)) IS NULL THEN RETURN; END IF;
      PERFORM set_config('lock_timeout', '1s', true);
      EXECUTE format('ALTER TABLE log_chunks DETACH PARTITION %I', log_day_table(day));
      DELETE FROM log_removed WHERE run_id >= log_day_edge(day) AND run_id < log_day_edge(day + 1);
      EXECUTE format('INSERT INTO log_chunks SELECT chunks.* FROM %I chunks
        WHERE EXISTS (SELECT 1 FROM log_heads WHERE log_heads.run_id = chunks.run_id)', log_day_table(day));
      EXECUTE format('DROP TABLE %I', log_day_table(day));
    END
  $$`,
];

// Logs that are gone for everybody, but whose chunks still take their place.
const removed = `CREATE TABLE log_removed (
  run_id UUID NOT NULL PRIMARY KEY,
  removed_at BIGINT NOT NULL
)`;

// What all logs take is the sum of these: several, so that processes need not wait for each other.
const sizes = `CREATE TABLE log_sizes (
  slot INTEGER NOT NULL PRIMARY KEY,
  bytes BIGINT NOT NULL
) WITH (fillfactor = 50)`;

export const logTables: readonly string[] = [heads, ...days, removed, sizes];
