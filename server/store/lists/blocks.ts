import { countedOf } from '../statements/courseCounts.ts';
import { type AttemptBlock, type Bounds } from '../statements/attemptBlocks.ts';
import type { KeyRange } from '../statements/blockRows.ts';
import { integer } from '../row.ts';
import type { Row } from '../sql.ts';
import type { Group } from '../statements/listGroups.ts';
import { fittingRows } from './few.ts';
import type { TimePart } from './filter.ts';
import type { SortedRow } from './order.ts';
import { countOf, type Search } from './search.ts';

/** What fits a filter, block by block. */
export interface Blocks {
  all: readonly FittingBlock[];
  /** Keys that are in no block. */
  loose: readonly KeyRange[];
  /** How many rows have ended that are counted in none, whether they fit or not. */
  looseRows: number;
  /** What ended in a block but is not counted in it. */
  apart: readonly SortedRow[];
  /** How many rows there are of each group that was asked for, in blocks or not; only where a time is asked for, too. */
  totals: readonly number[];
  /** The number that a group has in here. */
  placeOf(origin: number, course: number): number | undefined;
}

export interface FittingBlock extends KeyRange {
  bounds: Readonly<Record<string, Bounds>>;
  /** The number of a group, and how many of its rows fit, in turn. */
  rows: readonly number[];
  /** How many rows it has, whether they fit or not. */
  size: number;
}

/** So many blocks, where only some rows were changed in the time that is asked for, are looked at row by row. */
const mostPartly = 24;
/** So many ranges of keys that are in no block. */
const mostLoose = 24;

/** Undefined where there are no blocks, or looking at them would take too long. */
export async function fittingBlocks<Column extends string>(
  { sql, list, all: there, modifiedFrom, modifiedTo }: Omit<Search<Column>, 'blocks'>,
  groups: readonly Group[],
  summed: readonly AttemptBlock[],
): Promise<Blocks | undefined> {
  const { blocks: rows } = list;
  const time = timeOf({ modifiedFrom, modifiedTo });
  const found = {
    summed,
    loose: between(summed),
    looseRows: countOf(there.filter(list.isEnded)) - sizeOf(summed),
  };
  if (!rows || !isWorthIt(found, time)) return undefined;

  const keys = summed.flatMap(({ apart }) => apart);
  const apart = fittingRows(await list.named.byKey(sql, keys), groups, { modifiedFrom, modifiedTo });
  const placeOf = placesOf(groups);
  const countIn = async (range: KeyRange, during: Time) =>
    pairsOf(countsIn(await rows.groups(sql, range, ...during)), placeOf);
  const all = await Promise.all(
    summed.map(async (block): Promise<FittingBlock> => {
      const { from, to, bounds, remaining } = block;
      const fitting =
        time && isPartly(block, time)
          ? lessened(await countIn(block, time), within(apart, block), placeOf)
          : pairsOf(time && !isWithin(block, time) ? [] : block.counts(), placeOf);
      return { from, to, bounds, size: remaining, rows: fitting };
    }),
  );
  const outside = time ? await Promise.all(found.loose.map((range) => countIn(range, time))) : [];
  const totals = totalsOf(groups.length, [
    ...all.map((block) => block.rows),
    ...outside,
    pairsOf(apart.flatMap(oneOf), placeOf),
  ]);
  return { all, loose: found.loose, looseRows: found.looseRows, apart, totals, placeOf };
}

/** Whether there is a block all of whose rows were changed in a time. */
export function hasWholeBlock(blocks: readonly AttemptBlock[], times: TimePart): boolean {
  const time = timeOf(times);
  return time !== undefined && blocks.some((block) => isWithin(block, time));
}

interface Found {
  summed: readonly AttemptBlock[];
  loose: readonly KeyRange[];
  looseRows: number;
}

/** Whether most is in blocks, and few places have to be looked at row by row. */
function isWorthIt({ summed, loose, looseRows }: Found, time: Time | undefined): boolean {
  const partly = time ? summed.filter((block) => isPartly(block, time)).length : 0;
  return loose.length <= mostLoose && partly <= mostPartly && looseRows <= sizeOf(summed);
}

function sizeOf(blocks: readonly AttemptBlock[]): number {
  return blocks.reduce((size, { remaining }) => size + remaining, 0);
}

function within(rows: readonly SortedRow[], { from, to }: KeyRange): SortedRow[] {
  return rows.filter(({ key }) => key >= from && key < to);
}

function totalsOf(groups: number, all: readonly (readonly number[])[]): number[] {
  const totals = Array.from({ length: groups }, () => 0);
  for (const rows of all)
    for (let at = 0; at < rows.length; at += 2) {
      const place = rows[at] ?? 0;
      totals[place] = (totals[place] ?? 0) + (rows[at + 1] ?? 0);
    }
  return totals;
}

type Time = readonly [from: number, to: number];

function timeOf({ modifiedFrom, modifiedTo }: TimePart): Time | undefined {
  if (modifiedFrom === undefined && modifiedTo === undefined) return undefined;
  return [modifiedFrom ?? -8.64e15, modifiedTo ?? 8.64e15];
}

function isWithin({ bounds }: AttemptBlock, [from, to]: Time): boolean {
  const [first, last] = bounds['modified_at'] ?? [];
  return first !== undefined && last !== undefined && first >= from && last <= to;
}

/** Whether some rows of a block may have been changed in a time, and others not. */
function isPartly(block: AttemptBlock, time: Time): boolean {
  const [first, last] = block.bounds['modified_at'] ?? [];
  if (first === undefined || last === undefined || isWithin(block, time)) return false;
  return first <= time[1] && last >= time[0];
}

function between(blocks: readonly AttemptBlock[]): KeyRange[] {
  const ends = [0, ...blocks.map(({ to }) => to)];
  return ends
    .map((from, index) => ({ from, to: blocks[index]?.from ?? Number.MAX_SAFE_INTEGER }))
    .filter(({ from, to }) => from < to);
}

function placesOf(groups: readonly Group[]): Blocks['placeOf'] {
  const places = new Map<number, Map<number, number>>();
  for (const [place, { origin, course }] of groups.entries()) {
    const ofOrigin = places.get(origin.key) ?? new Map<number, number>();
    places.set(origin.key, ofOrigin.set(course, place));
  }
  return (origin, course) => places.get(origin)?.get(course);
}

/** Origin, course and count, in turn. */
function countsIn(rows: readonly Row[]): number[] {
  return rows.flatMap((row) => {
    const { origin, course } = countedOf(row);
    return [origin ?? 0, course, integer(row, 'counted')];
  });
}

function oneOf({ group }: SortedRow): [origin: number, course: number, one: number] {
  return [group.origin.key, group.course, 1];
}

/** What of these counts is about groups that are asked for. */
function pairsOf(counts: readonly number[], placeOf: Blocks['placeOf']): number[] {
  const pairs: number[] = [];
  for (let at = 0; at < counts.length; at += 3) {
    const place = placeOf(counts[at] ?? 0, counts[at + 1] ?? 0);
    if (place !== undefined) pairs.push(place, counts[at + 2] ?? 0);
  }
  return pairs;
}

function lessened(
  pairs: readonly number[],
  gone: readonly SortedRow[],
  placeOf: Blocks['placeOf'],
): readonly number[] {
  const less = pairsOf(gone.flatMap(oneOf), placeOf).map((value, index) =>
    index % 2 === 0 ? value : -value,
  );
  return [...pairs, ...less];
}
