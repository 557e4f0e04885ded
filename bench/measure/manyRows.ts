import type { TestPostgres } from '../../test/fixtures/postgres.ts';

/** Copies a run of a database that has ended, and its attempt, so many times: as if they had been done one by one. */
export async function addEnded(postgres: TestPostgres, database: string, count: number): Promise<void> {
  await postgres.script(copying(count), database);
  for (const table of ['runs', 'attempts']) await postgres.script(`VACUUM ANALYZE ${table}`, database);
}

const copying = (count: number) => `
  CREATE TEMP TABLE model AS SELECT * FROM runs WHERE completed_at IS NOT NULL ORDER BY key LIMIT 1;
  CREATE TEMP TABLE tried AS SELECT * FROM attempts WHERE run_id = (SELECT id FROM model);
  ALTER TABLE model DROP COLUMN key, DROP COLUMN id;
  ALTER TABLE tried DROP COLUMN key, DROP COLUMN id, DROP COLUMN run_id, DROP COLUMN run_key;
  DO $$
  DECLARE listed TEXT; prefixed TEXT;
  BEGIN
    SELECT string_agg(quote_ident(column_name), ', ') INTO listed FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = 'runs' AND column_name NOT IN ('key', 'id');
    EXECUTE format('INSERT INTO runs (id, %1$s) SELECT ''ended-'' || n, %1$s FROM model, generate_series(1, ${count}) n', listed);
    SELECT string_agg(quote_ident(column_name), ', '), string_agg('tried.' || quote_ident(column_name), ', ')
      INTO listed, prefixed FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = 'attempts' AND column_name NOT IN ('key', 'id', 'run_id', 'run_key');
    EXECUTE format('INSERT INTO attempts (id, run_id, run_key, %1$s)
      SELECT ''tried-'' || runs.id, runs.id, runs.key, %2$s FROM tried, runs WHERE runs.id LIKE ''ended-%%''', listed, prefixed);
  END $$`;
