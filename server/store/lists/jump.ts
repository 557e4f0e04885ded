import type { KeyRange } from '../statements/blockRows.ts';
import type { Among } from '../statements/listRows.ts';
import type { Group } from '../statements/listGroups.ts';
import { integerOrNull } from '../row.ts';
import type { Blocks, FittingBlock } from './blocks.ts';
import type { SortedRow } from './order.ts';
import type { OwnField, Search } from './search.ts';

/** Where a walk up may begin: before so many of the rows that are asked for, the first of which have this value. */
export interface Start {
  value: number;
  /** Those with a lower one. */
  before: number;
}

/** Some of the groups that blocks were asked for, in the order of a column. */
interface Part<Column extends string> {
  search: Search<Column>;
  column: Column;
  among: Among;
  blocks: Blocks;
  own: readonly OwnBlock[];
  apart: readonly SortedRow[];
}

/** A block with rows of the part. */
interface OwnBlock extends KeyRange {
  rows: number;
  size: number;
  least: number;
  most: number;
}

/** What it costs to look at a row by its key, where a step along an index costs 1. */
const byKeyCost = 10;

/**
 * The last place from which a walk comes to the row at an offset, as far as blocks tell. Undefined where a walk of `steps`
 * rows is as good.
 */
export async function startOf<Column extends string>(
  search: Search<Column>,
  { groups, among }: { groups: readonly Group[]; among: Among },
  { column }: OwnField<Column>,
  { offset, steps }: { offset: number; steps: number },
): Promise<Start | undefined> {
  const blocks = await search.blocks?.();
  const index = search.list.columnOf(column);
  if (!blocks) return undefined;
  const asked = new Set(groups.map(({ origin, course }) => blocks.placeOf(origin.key, course)));
  const own = blocks.all
    .flatMap((block) => ownOf(block, asked, index) ?? [])
    .toSorted((a, b) => a.least - b.least);
  const apart = blocks.apart.filter(({ group }) => asked.has(blocks.placeOf(group.origin.key, group.course)));
  const part = { search, column: index, among, blocks, own, apart };

  if (blocks.looseRows * byKeyCost > steps) return undefined;
  const first = await startIn(part, upTo(own, offset), steps);
  if (!first) return own.length === 0 ? lowest(part) : undefined;
  if (first.before <= offset) return first;
  // What is in no block was not thought of.
  const second = await startIn(part, upTo(own, offset - first.others), steps);
  return second && second.before <= offset ? second : undefined;
}

function ownOf(
  { from, to, bounds, rows, size }: FittingBlock,
  asked: ReadonlySet<number | undefined>,
  column: string,
): OwnBlock | undefined {
  const [least, most] = column === 'key' ? [from, to - 1] : (bounds[column] ?? []);
  let count = 0;
  for (let at = 0; at < rows.length; at += 2) if (asked.has(rows[at])) count += rows[at + 1] ?? 0;
  if (count === 0 || least === undefined || most === undefined) return undefined;
  return { from, to, rows: count, size, least, most };
}

/** The last block before which there are no more than `offset` rows in blocks. */
function upTo(own: readonly OwnBlock[], offset: number): number {
  let before = 0;
  const behind = own.findIndex(({ rows }) => (before += rows) > offset);
  return offset < 0 ? -1 : behind >= 0 ? behind : own.length - 1;
}

/** The lowest value of a block, and how many rows have a lower one; `others` of them are not counted in blocks. */
async function startIn<Column extends string>(
  part: Part<Column>,
  place: number,
  steps: number,
): Promise<(Start & { others: number }) | undefined> {
  const { own, blocks } = part;
  const value = own[place]?.least;
  if (value === undefined) return undefined;
  const earlier = own.slice(0, place).filter(({ least }) => least < value);
  const whole = earlier.filter(({ most }) => most < value);
  const runs = joined(earlier.filter(({ most }) => most >= value)).map((run) => cheapest(part, run, value));
  if (sum(runs.map(({ cost }) => cost)) + blocks.looseRows * byKeyCost > steps) return undefined;

  const counted = await countBelow(part, runs, value);
  const loose = await countBelow(
    part,
    blocks.loose.map((keys) => ({ keys })),
    value,
  );
  if (counted === undefined || loose === undefined) return undefined;
  const apart = part.apart.filter(
    (row) => valueOf(row, part.column) < value && !isSeen(row, runs, part.column),
  );
  const others = loose + apart.length;
  return { value, before: sum(whole.map(({ rows }) => rows)) + counted + others, others };
}

/** Where the first row is, if none is counted in blocks. */
async function lowest<Column extends string>({
  search: { sql, list },
  column,
  among,
  blocks,
  apart,
}: Part<Column>): Promise<Start | undefined> {
  const asked = blocks.loose.flatMap((keys) => list.blocks?.least(sql, column, among, keys) ?? []);
  if (asked.length < blocks.loose.length) return undefined;
  const values = [...(await Promise.all(asked)), ...apart.map((row) => valueOf(row, column))];
  const value = Math.min(...values.filter((one) => one !== null));
  return Number.isFinite(value) ? { value, before: 0 } : undefined;
}

/** How many rows of the part have a lower value; undefined where no statement names so many origins. */
async function countBelow<Column extends string>(
  { search: { sql, list }, column, among }: Part<Column>,
  ranges: readonly Pick<Run, 'keys' | 'least'>[],
  value: number,
): Promise<number | undefined> {
  const asked = ranges.flatMap((range) => list.blocks?.below(sql, column, among, { ...range, value }) ?? []);
  return asked.length === ranges.length ? sum(await Promise.all(asked)) : undefined;
}

/** Blocks in a row that only in part have lower values. */
interface Run {
  keys: KeyRange;
  /** Absent where each of their rows is looked at. */
  least?: number;
  cost: number;
}

function joined(blocks: readonly OwnBlock[]): OwnBlock[] {
  const runs: OwnBlock[] = [];
  for (const block of blocks.toSorted((a, b) => a.from - b.from)) {
    const last = runs.at(-1);
    if (!last || last.to !== block.from) runs.push({ ...block });
    else {
      last.to = block.to;
      last.size += block.size;
      last.least = Math.min(last.least, block.least);
    }
  }
  return runs;
}

/** Along the index, or by keys. */
function cheapest<Column extends string>(
  { blocks, column }: Part<Column>,
  { from, to, size, least }: OwnBlock,
  value: number,
): Run {
  const keys = { from, to };
  const along = blocks.all
    .filter(({ bounds }) => {
      const [first, last] = bounds[column] ?? [];
      return first !== undefined && last !== undefined && first < value && last >= least;
    })
    .reduce((rows, block) => rows + block.size, 0);
  const byKey = size * byKeyCost;
  return along <= byKey ? { keys, least, cost: along } : { keys, cost: byKey };
}

/** Whether a row was counted in one of the runs. */
function isSeen(row: SortedRow, runs: readonly Run[], column: string): boolean {
  return runs.some(
    ({ keys, least }) =>
      row.key >= keys.from && row.key < keys.to && (least === undefined || valueOf(row, column) >= least),
  );
}

function valueOf({ row }: SortedRow, column: string): number {
  return integerOrNull(row, column) ?? Infinity;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
