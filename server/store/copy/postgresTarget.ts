import { migrate } from '../migrate.ts';
import { migrations } from '../migrations/list.ts';
import { postgresTexts } from '../migrations/texts.ts';
import type { Session } from '../postgresSession.ts';
import { sqlOn } from '../postgresSql.ts';
import { text } from '../row.ts';
import type { SqlValue } from '../sql.ts';
import { refuseFull, type Target } from './ends.ts';
import {
  openPostgresEnd,
  type PostgresEnd,
  postgresLastNumber,
  postgresRows,
  refuseMembers,
} from './postgresEnd.ts';
import { chunksOn } from './postgresLogs.ts';
import { type Cells, columnList, type Table } from './table.ts';

export interface PostgresTargetOptions {
  now: number;
  /** The tables that must be empty. */
  tables: readonly Table[];
}

/**
 * Fills an empty database, all in one transaction.
 *
 * @throws CopyRefusal where a docker-builder uses it, or has something in it
 */
export async function openPostgresTarget(url: string, options: PostgresTargetOptions): Promise<Target> {
  const end = await openPostgresEnd(url);
  try {
    const making = await end.told(() => prepare(end, options));
    return targetOn(end, making, options.tables);
  } catch (error) {
    await end.session.close();
    throw error;
  }
}

/** Makes the tables; gives the texts that make what they are filled without. */
async function prepare(end: PostgresEnd, { now, tables }: PostgresTargetOptions): Promise<string[]> {
  const { name, session } = end;
  await session.command('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  const script = async (commands: string) => void (await session.command(commands));
  await migrate({ ...sqlOn(session), script }, { textsOf: postgresTexts, migrations, now });
  await refuseMembers(end);
  refuseFull(name, await filledTables(session, tables));
  await session.command('DELETE FROM meta');
  return takenAway(session);
}

async function filledTables(session: Session, tables: readonly Table[]): Promise<string[]> {
  const filled = [];
  for (const { name } of tables) {
    const where = name === 'meta' ? `WHERE name <> 'store_id'` : '';
    const { rows } = await session.query(`SELECT 1 FROM ${name} ${where} LIMIT 1`, []);
    if (rows.length > 0) filled.push(name);
  }
  return filled;
}

/** Of both in the order in which they were made, as the planner may go by it. */
const askMade = `
  SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname) AS taking,
    'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) AS making
  FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
  UNION ALL
  (SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
  ORDER BY indexrelid)`;

/** Removes indexes and references, which are made of many rows faster than row by row. */
async function takenAway(session: Session): Promise<string[]> {
  const { rows } = await session.query(askMade, []);
  await session.command(rows.map((row) => text(row, 'taking')).join('; '));
  // References need no index but keys, and their check takes less memory where it comes last.
  const made = rows.map((row) => text(row, 'making'));
  return [
    ...made.filter((one) => !one.startsWith('ALTER')),
    ...made.filter((one) => one.startsWith('ALTER')),
  ];
}

function targetOn(end: PostgresEnd, making: readonly string[], tables: readonly Table[]): Target {
  const { name, session, told } = end;
  const inserting = insertingOn(session);
  const run = (command: string) => told(() => session.command(command));
  return {
    name,
    kept: (value) => (typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value),
    rows: (table) => postgresRows(end, table),
    lastNumber: (table) => told(() => postgresLastNumber(end, table)),
    chunks: chunksOn(session),
    insert: (table, rows) => told(() => inserting(table, rows)),
    async continueAfter({ name: table, key }, last) {
      const [next, isUsed] = last === 0 ? [1, false] : [last, true];
      await run(`SELECT setval(pg_get_serial_sequence('${table}', '${key[0]}'), ${next}, ${isUsed})`);
    },
    async finish() {
      await run(`SET LOCAL maintenance_work_mem = '128MB'`);
      await run(making.join('; '));
    },
    async commit() {
      await run('COMMIT');
      // Until it is told, the planner knows nothing of them; and lists are read from indexes alone.
      await run(`VACUUM (ANALYZE) ${tables.map((table) => table.name).join(', ')}`);
    },
    close: () => session.close(),
  };
}

/** Parameters of one statement: with more of them it is no faster. */
const mostValues = 4000;

/** Inserts by statements of many rows, of some, and of one: each is prepared once. */
function insertingOn(session: Session): (table: Table, rows: readonly Cells[]) => Promise<void> {
  const texts = new Map<string, string>();
  const textOf = (table: Table, rows: number) => {
    const known = texts.get(`${table.name} ${rows}`) ?? insertText(table, rows);
    texts.set(`${table.name} ${rows}`, known);
    return known;
  };
  return async (table, rows) => {
    const sizes = [Math.max(1, Math.floor(mostValues / table.columns.length)), 8, 1];
    const asked = parts(rows, sizes).map((part) => {
      const values: SqlValue[] = part.flat();
      return session.query(textOf(table, part.length), values);
    });
    await Promise.all(asked);
  };
}

/** The rows in parts of these sizes, the largest first. */
function parts(rows: readonly Cells[], sizes: readonly number[]): (readonly Cells[])[] {
  const found = [];
  let from = 0;
  for (const size of sizes)
    for (; rows.length - from >= size; from += size) found.push(rows.slice(from, from + size));
  return found;
}

function insertText(table: Table, rows: number): string {
  const width = table.columns.length;
  const row = (at: number) =>
    `(${table.columns.map((_, column) => `$${at * width + column + 1}`).join(', ')})`;
  const values = Array.from({ length: rows }, (_, at) => row(at)).join(', ');
  return `INSERT INTO ${table.name} (${columnList(table)}) VALUES ${values}`;
}
