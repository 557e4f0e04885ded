import type { Step } from './migrations/step.ts';
import { integerOrNull } from './row.ts';
import { statement, type WriterSql } from './sql.ts';

export interface Migrating {
  /** The texts of a step in the database's own words. */
  textsOf(step: Step): readonly string[];
  /** Step 1 is the first of the list. */
  migrations: readonly Step[];
  now: number;
  /** Gives a text that fails where a store that is there must not be taken to this step. */
  guard?(step: number): string;
}

const steps =
  'CREATE TABLE IF NOT EXISTS migrations (number INTEGER NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)';
const newest = statement('SELECT MAX(number) AS number FROM migrations');
const record = statement('INSERT INTO migrations (number, applied_at) VALUES ($1, $2)');

/**
 * Brings the schema to the newest step, inside the transaction it is given.
 *
 * @throws Error where a newer program wrote the store, which this one would not understand, or where it must not go on
 */
export async function migrate(
  sql: Pick<WriterSql, 'get' | 'run' | 'script'>,
  { textsOf, migrations, now, guard }: Migrating,
): Promise<void> {
  await sql.script(steps);
  const row = await sql.get(newest, []);
  const done = (row && integerOrNull(row, 'number')) ?? 0;
  if (done > migrations.length)
    throw new Error(
      `the store has schema ${done}, this docker-builder knows ${migrations.length}: start a newer docker-builder, or give this one another store`,
    );
  if (guard && done > 0 && done < migrations.length) await sql.script(guard(migrations.length));
  for (const [index, step] of migrations.entries()) {
    if (index < done) continue;
    for (const text of textsOf(step)) await sql.script(text);
    await sql.run(record, [index + 1, now]);
  }
}
