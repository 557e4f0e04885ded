import { UnboundedOrder } from '../../words/unboundedOrder.ts';
import type { OffsetPage } from '../contract/executions.ts';
import type { Group } from '../statements/listGroups.ts';
import type { Among, Place } from '../statements/listRows.ts';
import { fittingRows, sortedPage } from './few.ts';
import { startOf } from './jump.ts';
import { compareRows, type Sorted, type SortedRow, sortedRows } from './order.ts';
import { countOf, isPlain, listsOf, needed, type OwnField, type Search } from './search.ts';

// What it costs to look at a row: on the way along an index, and where it has to be fetched and sorted.
const walkMs = 0.000_05;
const fetchMs = 0.003;
/** What it costs to find a place by blocks, about. */
const jumpMs = 5;
/** Fetched and sorted at most. */
const mostFew = 4000;
/** Seeks in the index of courses at most. */
const mostSeeks = 8000;
const mostTies = 20_000;
/** A way is long that passes more than this part of all. */
const nearPart = 64;

/** A page of what has ended, sorted by what each row has for itself, then by `rest`, which ends with the key. */
export async function endedPage<Column extends string>(
  search: Search<Column>,
  groups: readonly Group[],
  field: OwnField<Column>,
  rest: readonly Sorted<Column>[],
  page: OffsetPage,
): Promise<number[]> {
  if (page.offset >= countOf(groups)) return [];
  const steps = stepsTo(search, groups, field, page);
  const among = amongOf(search, groups, field);
  const few = await fetched(search, groups, field, Math.min(steps * walkMs, jumpMs));
  if (few) return sortedPage(few, [field, ...rest], page);
  const found = await jumped(search, groups, field, { among, steps, page });
  const rows = found ? undefined : await fetched(search, groups, field, steps * walkMs);
  if (rows) return sortedPage(rows, [field, ...rest], page);
  const places = found ?? (await walked(search, groups, field, { among, page }));
  if (isPlain(field, rest)) return places.map(({ key }) => key);
  return amongTies({ search, groups, field, rest }, places, page.limit);
}

/** Whether the rows are of one group, in the order of the index that has them together: nothing is quicker. */
function isOne<Column extends string>(
  { list }: Pick<Search<Column>, 'list'>,
  groups: readonly Group[],
  { column }: OwnField<Column>,
): boolean {
  return groups.length === 1 && list.endColumns.includes(column);
}

/** How many rows a walk passes on its way to a page, about. */
function stepsTo<Column extends string>(
  { list, all, modifiedFrom: from, modifiedTo: to }: Search<Column>,
  groups: readonly Group[],
  field: OwnField<Column>,
  { offset, limit }: OffsetPage,
): number {
  const [count, total] = [countOf(groups), countOf(all.filter(list.isEnded))];
  const nearest = Math.min(offset, Math.max(0, count - offset - limit)) + limit;
  const isFromNewest = field.descending === offset <= count - offset - limit;
  // What lies in one time lies in one place of other orders, too: where the walk begins, or perhaps far from there.
  if (field.column !== 'modified_at' && (isFromNewest ? to : from) !== undefined) return total;
  if (isOne({ list }, groups, field)) return nearest;
  const whole = new Set(groups.map(({ origin, course }) => `${origin.key} ${course}`));
  const dense = countOf(all.filter(({ origin, course }) => whole.has(`${origin.key} ${course}`)));
  return Math.min(total, (nearest * total) / Math.max(1, dense));
}

/** All rows of the groups, where they are so few that this is quicker than what else there is. */
async function fetched<Column extends string>(
  { sql, list, modifiedFrom: from, modifiedTo: to }: Search<Column>,
  groups: readonly Group[],
  field: OwnField<Column>,
  otherMs: number,
): Promise<SortedRow[] | undefined> {
  const [count, { origins, courses }] = [countOf(groups), listsOf(groups)];
  if (count > mostFew || origins.length * courses.length > mostSeeks) return undefined;
  if (isOne({ list }, groups, field) || otherMs < count * fetchMs) return undefined;
  const found = await list.ended.few(sql, { origins, courses, from, to });
  return found && sortedRows(found, groups);
}

function amongOf<Column extends string>(
  { list, all, modifiedFrom: from, modifiedTo: to }: Search<Column>,
  groups: readonly Group[],
  { has }: OwnField<Column>,
): Among {
  const there = all.filter((group) => list.isEnded(group) && has(group));
  return { ...needed(groups, there), from, to };
}

/** By way of blocks, where the way is long and blocks tell enough. */
async function jumped<Column extends string>(
  search: Search<Column>,
  groups: readonly Group[],
  field: OwnField<Column>,
  { among, steps, page }: { among: Among; steps: number; page: OffsetPage },
): Promise<Place[] | undefined> {
  const total = countOf(search.all.filter(search.list.isEnded));
  if (steps <= total / nearPart) return undefined;
  const count = countOf(groups);
  const limit = Math.min(page.limit, count - page.offset);
  const offset = field.descending ? count - page.offset - limit : page.offset;
  const start = await startOf(search, { groups, among }, field, { offset, steps });
  if (!start) return undefined;
  const stretch = { descending: false, offset: offset - start.before, limit, start: start.value };
  const places = await search.list.ended.walk(search.sql, field.column, among, stretch);
  return field.descending ? places?.toReversed() : places;
}

/** From the nearer end. */
async function walked<Column extends string>(
  search: Search<Column>,
  groups: readonly Group[],
  field: OwnField<Column>,
  { among, page: { offset, limit } }: { among: Among; page: OffsetPage },
): Promise<Place[]> {
  const { sql, list, modifiedFrom: from, modifiedTo: to } = search;
  const { column, descending } = field;
  const count = countOf(groups);
  const wanted = Math.min(limit, count - offset);
  const behind = count - offset - wanted;
  const isNear = offset <= behind;
  const stretch = { descending: descending === isNear, offset: isNear ? offset : behind, limit: wanted };
  const [first] = groups;
  const places =
    first && isOne(search, groups, field)
      ? await list.ended.walkOne(sql, { origin: first.origin.key, course: first.course, from, to }, stretch)
      : await list.ended.walk(sql, column, among, stretch);
  if (!places) throw new UnboundedOrder('so many jobs cannot be sorted together: ask for some of them');
  return isNear ? places : places.toReversed();
}

interface Tied<Column extends string> {
  search: Search<Column>;
  groups: readonly Group[];
  field: OwnField<Column>;
  rest: readonly Sorted<Column>[];
}

/**
 * The page that `places` would be if keys decided between rows with the same value. The first and the last value may have
 * more rows than are on the page: all of them are looked at.
 */
async function amongTies<Column extends string>(
  { search, groups, field, rest }: Tied<Column>,
  places: readonly Place[],
  limit: number,
): Promise<number[]> {
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return [];
  const ofFirst = await ties(search, groups, field, first.value);
  const ofLast = last.value === first.value ? [] : await ties(search, groups, field, last.value);
  const between = places.filter(({ value }) => value !== first.value && value !== last.value);
  const rows = await search.list.named.byKey(
    search.sql,
    between.map(({ key }) => key),
  );
  const before = ofFirst.filter(({ key }) => (field.descending ? key > first.key : key < first.key)).length;
  const all = [...ofFirst, ...sortedRows(rows, groups), ...ofLast].toSorted(compareRows([field, ...rest]));
  return all.slice(before, before + limit).map(({ key }) => key);
}

async function ties<Column extends string>(
  { sql, list, ...times }: Search<Column>,
  groups: readonly Group[],
  { column }: OwnField<Column>,
  value: number,
): Promise<SortedRow[]> {
  const found = await list.ended.ties(sql, column, value, mostTies + 1);
  if (found.length > mostTies)
    throw new UnboundedOrder('so many have the same time that they cannot be sorted: narrow it down');
  return fittingRows(found, groups, times);
}
