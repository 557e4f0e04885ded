import type { Source, Target } from './ends.ts';
import type { Cells, Table } from './table.ts';

/**
 * Reads both sides in the order of the key and compares value by value.
 *
 * @throws Error that names the first row that differs
 */
export async function verifyRows(
  source: Source,
  target: Target,
  table: Table,
  onRows: (rows: number) => void,
): Promise<{ rows: number; changed: number }> {
  const kept = oneByOne(target.rows(table));
  let [rows, changed] = [0, 0];
  try {
    for await (const batch of source.rows(table)) {
      changed += await changedOf(target, table, batch, kept);
      rows += batch.length;
      onRows(rows);
    }
    if (!(await kept.next()).done) throw new Error(`${table.name} has more rows in ${target.name}`);
    if (table.numbered) await compareNumbers(source, target, table);
    return { rows, changed };
  } finally {
    await kept.return(undefined);
  }
}

/** How many of the rows the target could not keep as they were. */
async function changedOf(
  target: Target,
  table: Table,
  batch: readonly Cells[],
  kept: AsyncGenerator<Cells>,
): Promise<number> {
  let changed = 0;
  for (const row of batch) {
    const found = await kept.next();
    if (isChanged(target, table, row, found.done ? undefined : found.value)) changed++;
  }
  return changed;
}

/** Whether the target could not keep the row as it was. Throws where it kept another. */
function isChanged(target: Target, table: Table, row: Cells, found: Cells | undefined): boolean {
  let changed = false;
  for (const [at, { name }] of table.columns.entries()) {
    const cell = row[at] ?? null;
    if (found?.[at] === cell) continue;
    if (found?.[at] !== target.kept(cell)) throw new Error(differs(target, table, row, name));
    changed = true;
  }
  return changed;
}

function differs(target: Target, table: Table, row: Cells, column: string): string {
  const key = table.key.map((name) => {
    const at = table.columns.findIndex((one) => one.name === name);
    return `${name} ${JSON.stringify(row[at])}`;
  });
  return `after the copy the row of ${table.name} with ${key.join(', ')} is another one in ${target.name}: ${column} differs`;
}

async function compareNumbers(source: Source, target: Target, table: Table): Promise<void> {
  const [wanted, found] = [await source.lastNumber(table), await target.lastNumber(table)];
  if (wanted !== found)
    throw new Error(`${table.name} goes on after ${found} in ${target.name}, not after ${wanted}`);
}

async function* oneByOne(batches: AsyncIterable<readonly Cells[]>): AsyncGenerator<Cells> {
  for await (const batch of batches) yield* batch;
}
