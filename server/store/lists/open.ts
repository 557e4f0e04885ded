import { UnboundedOrder } from '../../words/unboundedOrder.ts';
import type { OffsetPage } from '../contract/executions.ts';
import type { Row } from '../sql.ts';
import type { Group } from '../statements/listGroups.ts';
import { endedPage } from './ended.ts';
import { fittingRows } from './few.ts';
import { busyRows } from './filter.ts';
import { compareRows, type Sorted, type SortedRow, sortedRows } from './order.ts';
import { countOf, isPlain, needed, type OwnField, type Search } from './search.ts';

/** What has not ended is sorted here, as far as it has to be: so many at most. */
const mostOpen = 20_000;
/** From the nearer end of an order that their index has, too, as far as this. */
const mostNear = 5000;

interface Both {
  ended: readonly Group[];
  open: readonly Group[];
}

/** A page of what has ended and of what has not. */
export async function pageWithOpen<Column extends string>(
  search: Search<Column>,
  both: Both,
  field: OwnField<Column>,
  rest: readonly Sorted<Column>[],
  page: OffsetPage,
): Promise<number[]> {
  const [ofEnded, ofOpen] = [countOf(both.ended), countOf(both.open)];
  const wanted = Math.min(page.limit, ofEnded + ofOpen - page.offset);
  const behind = ofEnded + ofOpen - page.offset - wanted;
  const near = Math.min(page.offset, behind) + wanted;
  if (
    search.list.openColumns.includes(field.column) &&
    isPlain(field, rest) &&
    near <= Math.min(ofOpen, mostNear)
  )
    return page.offset <= behind
      ? firstOf(search, both, [field, ...rest], { offset: page.offset, limit: wanted })
      : (
          await firstOf(search, both, turned([field, ...rest]), { offset: behind, limit: wanted })
        ).toReversed();
  const { isEnded } = search.list;
  if (countOf(search.all.filter((group) => !isEnded(group))) > mostOpen)
    throw new UnboundedOrder(
      'so many wait that they cannot be sorted: leave them out, or sort by the newest change',
    );
  return amongAll(search, both, [field, ...rest], page);
}

type Order<Column extends string> = readonly [OwnField<Column>, ...Sorted<Column>[]];

function turned<Column extends string>([field, ...rest]: Order<Column>): Order<Column> {
  return [turn(field), ...rest.map(turn)];
}

function turn<T extends { descending: boolean }>(field: T): T {
  return { ...field, descending: !field.descending };
}

/** The page is among the first of both. */
async function firstOf<Column extends string>(
  search: Search<Column>,
  { ended, open }: Both,
  order: Order<Column>,
  { offset, limit }: OffsetPage,
): Promise<number[]> {
  const upTo = { offset: 0, limit: offset + limit };
  const [field, ...rest] = order;
  const rows = [
    ...(await openRowsOf(search, open, { descending: field.descending, limit: upTo.limit })),
    ...(await rowsOf(search, ended, await endedPage(search, ended, field, rest, upTo))),
  ];
  return keysOf(rows.toSorted(compareRows(order)).slice(offset, upTo.limit));
}

/** All that is open, and so much of what has ended that the page must be in it, wherever the open ones belong. */
async function amongAll<Column extends string>(
  search: Search<Column>,
  { ended, open }: Both,
  order: Order<Column>,
  { offset, limit }: OffsetPage,
): Promise<number[]> {
  const [field, ...rest] = order;
  const compare = compareRows(order);
  const opened = (await openRowsOf(search, open, { descending: false, limit: mostOpen })).toSorted(compare);
  const from = Math.max(0, offset - opened.length);
  const stretch = { offset: from, limit: offset + limit - from };
  const around = await rowsOf(search, ended, await endedPage(search, ended, field, rest, stretch));
  const [first] = around;
  const before = from === 0 || !first ? 0 : opened.filter((row) => compare(row, first) < 0).length;
  const page = [...around, ...opened.slice(before)].toSorted(compare);
  const start = offset - from - before;
  return keysOf(page.slice(start, start + limit));
}

async function openRowsOf<Column extends string>(
  { sql, list, all, ...times }: Search<Column>,
  groups: readonly Group[],
  page: { descending: boolean; limit: number },
): Promise<SortedRow[]> {
  const { isBusy, isEnded } = list;
  const [busy, waiting] = [groups.filter(isBusy), groups.filter((group) => !isBusy(group))];
  const found: Row[] = countOf(busy) === 0 ? [] : await busyRows(sql, list, busy);
  const there = all.filter((group) => !isEnded(group) && !isBusy(group));
  const among = { ...needed(waiting, there), from: times.modifiedFrom, to: times.modifiedTo };
  if (countOf(waiting) > 0) {
    const rows = await list.open.first(sql, among, page);
    if (!rows) throw new UnboundedOrder('so many jobs cannot be sorted together: ask for some of them');
    found.push(...rows);
  }
  return fittingRows(found, groups, times);
}

/** In the order of the keys. */
async function rowsOf<Column extends string>(
  { sql, list }: Search<Column>,
  groups: readonly Group[],
  keys: readonly number[],
): Promise<SortedRow[]> {
  const rows = new Map(sortedRows(await list.named.byKey(sql, keys), groups).map((row) => [row.key, row]));
  return keys.flatMap((key) => rows.get(key) ?? []);
}

function keysOf(rows: readonly SortedRow[]): number[] {
  return rows.map(({ key }) => key);
}
