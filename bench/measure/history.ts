import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { join } from 'node:path';

/**
 * Gives the store of a stopped server a long history: copies of its one run, with its attempts and images, until
 * there are `runs` of them. Everything else about them is what the server itself wrote.
 */
export function lengthenHistory(dataFolder: string, runs: number): void {
  const database = new DatabaseSync(join(dataFolder, 'store.sqlite'));
  const known = Number(database.prepare('SELECT COUNT(*) AS known FROM runs').get()?.['known']);
  if (known !== 1) throw new Error(`the store has ${known} runs, and one is to be copied`);
  database.exec('BEGIN');
  copyRows(database, 'runs', runs, { id: numbered('id') });
  copyRows(database, 'attempts', runs, {
    id: numbered('id'),
    run_id: numbered('run_id'),
    run_key: 'run_key + copy',
  });
  copyRows(database, 'images', runs, { run_id: numbered('run_id'), attempt_id: numbered('attempt_id') });
  database.exec(`UPDATE run_counts SET runs = ${runs} WHERE runs = 1`);
  database.exec(`UPDATE course_counts SET counted = ${runs} WHERE counted = 1`);
  database.exec('COMMIT');
  database.close();
}

/** A UUID with the copy's number in the place of its last 12 digits. */
function numbered(column: string): string {
  return `substr(${column}, 1, 24) || printf('%012x', copy)`;
}

function copyRows(
  database: DatabaseSync,
  table: string,
  runs: number,
  changed: Readonly<Record<string, string>>,
): void {
  const columns = columnsOf(database, table);
  const values = columns.map((column) => changed[column] ?? column);
  database.exec(`WITH RECURSIVE copies (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < ${runs - 1})
    INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table}, copies`);
}

/** All but the integer key, which the database gives. */
function columnsOf(database: DatabaseSync, table: string): string[] {
  const rows: Record<string, SQLOutputValue>[] = database.prepare(`PRAGMA table_info(${table})`).all();
  return rows.map((row) => String(row['name'])).filter((name) => name !== 'key');
}
