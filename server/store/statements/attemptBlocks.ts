import { integer, json } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

/** A range of keys, the first and the one behind the last, that attempts are summed up of. */
export interface BlockRange {
  from: number;
  to: number;
  /** Keys of the attempts that are not counted: their runs had not ended. */
  apart: readonly number[];
}

/** What ended in a range of keys, summed up for lists. */
export interface AttemptBlock extends BlockRange {
  /** How many were summed up; some may have been removed since. */
  size: number;
  remaining: number;
  /** Origin, course and how many attempts have both, in turn. It is a long text that is read only where it is needed. */
  counts(): readonly number[];
  /** By column, the lowest and the highest value of what is counted; an attempt that was removed may have had them. */
  bounds: Readonly<Record<string, Bounds>>;
}

export type Bounds = readonly [lowest: number, highest: number] | null;

/** A block with less than this part of what it had is small. */
const smallPart = 8;

const columns = 'from_key, to_key, size, remaining, counts, bounds, apart';
const all = statement(`SELECT ${columns} FROM attempt_blocks ORDER BY from_key`);
const ranges = statement('SELECT from_key, to_key, apart FROM attempt_blocks ORDER BY from_key');
const before = statement(
  `SELECT ${columns} FROM attempt_blocks WHERE from_key <= $1 ORDER BY from_key DESC LIMIT 1`,
);
const put = statement(`INSERT INTO attempt_blocks (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (from_key) DO UPDATE SET to_key = excluded.to_key, size = excluded.size,
    remaining = excluded.remaining, counts = excluded.counts, bounds = excluded.bounds, apart = excluded.apart`);
const remove = statement('DELETE FROM attempt_blocks WHERE from_key >= $1 AND from_key < $2');

/** In the order of their keys. */
export async function attemptBlocks(sql: Sql): Promise<AttemptBlock[]> {
  return (await sql.all(all, [])).map(blockOf);
}

/** The same without what was summed up. */
export async function blockRanges(sql: Sql): Promise<BlockRange[]> {
  return (await sql.all(ranges, [])).map(rangeOf);
}

/** Keeps a block in the place of those that it has the keys of. */
export async function keepBlock(sql: Sql, block: AttemptBlock): Promise<void> {
  const { from, to, size, remaining, bounds, apart } = block;
  await sql.run(remove, [from + 1, to]);
  const texts = [block.counts(), bounds, apart].map((part) => JSON.stringify(part));
  await sql.run(put, [from, to, size, remaining, ...texts]);
}

/** Counts attempts no more that were removed; each has `key`, `origin` and `course`. */
export async function takeFromBlocks(sql: Sql, gone: readonly Row[]): Promise<void> {
  let rest = gone.filter((row) => row['origin'] !== null).toSorted((a, b) => keyOf(a) - keyOf(b));
  for (let [first] = rest; first; [first] = rest) {
    const found = await sql.get(before, [keyOf(first)]);
    const block = found && blockOf(found);
    const to = block && block.to > keyOf(first) ? block.to : keyOf(first) + 1;
    const [here, others] = [rest.filter((row) => keyOf(row) < to), rest.filter((row) => keyOf(row) >= to)];
    if (block && block.to === to) await takeFrom(sql, block, here);
    rest = others;
  }
}

/** A block that has become small is forgotten: what is left of it is summed up with others. */
async function takeFrom(sql: Sql, block: AttemptBlock, gone: readonly Row[]): Promise<void> {
  const counts = [...block.counts()];
  const apart = new Set(block.apart);
  let isSound = true;
  for (const row of gone) if (!apart.delete(keyOf(row))) isSound &&= takeOne(counts, row);
  const remaining = rowsIn(counts);
  if (isSound && remaining * smallPart > block.size)
    await keepBlock(sql, { ...block, remaining, counts: () => counts, apart: [...apart] });
  else await sql.run(remove, [block.from, block.to]);
}

/** Whether there was one. */
function takeOne(counts: number[], row: Row): boolean {
  const [origin, course] = [integer(row, 'origin'), integer(row, 'course')];
  for (let at = 0; at < counts.length; at += 3)
    if (counts[at] === origin && counts[at + 1] === course) {
      counts[at + 2] = (counts[at + 2] ?? 0) - 1;
      if (counts[at + 2] === 0) counts.splice(at, 3);
      return true;
    }
  return false;
}

/** How many attempts the counts of a block add up to. */
export function rowsIn(counts: readonly number[]): number {
  let rows = 0;
  for (let at = 2; at < counts.length; at += 3) rows += counts[at] ?? 0;
  return rows;
}

function keyOf(row: Row): number {
  return integer(row, 'key');
}

function blockOf(row: Row): AttemptBlock {
  const bounds = json(row, 'bounds') as AttemptBlock['bounds'];
  return {
    ...rangeOf(row),
    size: integer(row, 'size'),
    remaining: integer(row, 'remaining'),
    counts: () => json(row, 'counts') as number[],
    bounds,
  };
}

function rangeOf(row: Row): BlockRange {
  const apart = json(row, 'apart') as number[];
  return { from: integer(row, 'from_key'), to: integer(row, 'to_key'), apart };
}
