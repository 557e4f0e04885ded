import type { Source, Target } from './ends.ts';
import { storeTables } from './tables.ts';
import type { Table } from './table.ts';
import { verifyRows } from './verify.ts';

export interface TableReport {
  table: string;
  rows: number;
  /** Of them, those with a character that the target cannot keep. */
  changed: number;
  seconds: number;
}

export interface CopyProgress {
  /** So many rows of a table are there now. */
  copied(table: string, rows: number): void;
  verified(table: string, rows: number): void;
  /** What is done beside tables, e.g. indexes. */
  step(text: string): void;
}

/**
 * Copies all rows, compares every one of them with what was kept, and leaves the rest to the caller: until the target is
 * committed, nothing of it is seen.
 */
export async function copyStore(
  source: Source,
  target: Target,
  progress: CopyProgress,
): Promise<TableReport[]> {
  const tables = storeTables();
  const tookMs = new Map<Table, number>();
  const timed = async <T>(table: Table, work: () => Promise<T>) => {
    const began = performance.now();
    const done = await work();
    tookMs.set(table, (tookMs.get(table) ?? 0) + performance.now() - began);
    return done;
  };
  for (const table of tables) await timed(table, () => copyTable(source, target, table, progress));
  progress.step('making indexes');
  await target.finish();
  const reports = [];
  for (const table of tables) {
    const verified = (rows: number) => progress.verified(table.name, rows);
    const found = await timed(table, () => verifyRows(source, target, table, verified));
    reports.push({ table: table.name, ...found, seconds: (tookMs.get(table) ?? 0) / 1000 });
  }
  return reports;
}

async function copyTable(
  source: Source,
  target: Target,
  table: Table,
  progress: CopyProgress,
): Promise<void> {
  let copied = 0;
  for await (const rows of source.rows(table)) {
    await target.insert(table, rows);
    copied += rows.length;
    progress.copied(table.name, copied);
  }
  if (table.numbered) await target.continueAfter(table, await source.lastNumber(table));
}
