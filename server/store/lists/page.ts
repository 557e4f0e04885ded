import type { OffsetPage } from '../contract/executions.ts';
import type { Group } from '../statements/listGroups.ts';
import { endedPage } from './ended.ts';
import { pageWithOpen } from './open.ts';
import { compareValues, type Sorted, type Value } from './order.ts';
import { countOf, type OwnField, type Search } from './search.ts';

/**
 * The keys of a page. What rows of a group have in common decides by counters alone where the page begins; then it goes
 * along an index.
 */
export async function pageOf<Column extends string>(
  search: Search<Column>,
  groups: readonly Group[],
  order: readonly Sorted<Column>[],
  page: OffsetPage,
): Promise<number[]> {
  const [first, ...rest] = order;
  if (!first || page.limit <= 0 || groups.length === 0) return [];
  const parts = partsOf(search, groups, first);
  const keys: number[] = [];
  let { offset } = page;
  for (const part of parts) {
    const rows = countOf(part.groups);
    const wanted = { offset, limit: page.limit - keys.length };
    if (wanted.limit <= 0) break;
    if (offset < rows) keys.push(...(await pageOfPart(search, part, rest, wanted)));
    offset = Math.max(0, offset - rows);
  }
  return keys;
}

/** So many rows that are the same in all that was asked for are not sorted by key any more. */
const mostSame = 50_000;

function partsOf<Column extends string>(
  { list }: Search<Column>,
  groups: readonly Group[],
  field: Sorted<Column>,
): Part<Column>[] {
  if (field.kind === 'shared') return byValue(groups, field);
  if (!field.isAdded || countOf(groups) <= mostSame) return byPresence(groups, field);
  return oneByOne(groups, { ...field, ...list.byChange });
}

/** Groups that come one after another; those with `along` are sorted by it next, the others by what comes behind. */
interface Part<Column extends string> {
  groups: Group[];
  along?: OwnField<Column>;
}

function pageOfPart<Column extends string>(
  search: Search<Column>,
  { groups, along }: Part<Column>,
  rest: readonly Sorted<Column>[],
  page: OffsetPage,
): Promise<number[]> {
  if (!along) return pageOf(search, groups, rest, page);
  const { isEnded } = search.list;
  const [ended, open] = [groups.filter(isEnded), groups.filter((group) => !isEnded(group))];
  return countOf(open) === 0
    ? endedPage(search, ended, along, rest, page)
    : pageWithOpen(search, { ended, open }, along, rest, page);
}

function byValue<Column extends string>(
  groups: readonly Group[],
  { valueOf, descending }: Extract<Sorted<Column>, { kind: 'shared' }>,
): Part<Column>[] {
  const values: [Value, Group[]][] = [...Map.groupBy(groups, valueOf)];
  const sorted = values.toSorted(([a], [b]) => (descending ? compareValues(b, a) : compareValues(a, b)));
  return sorted.map(([, some]) => ({ groups: some }));
}

/** Every group by itself: counters tell where its rows begin, however many are before them. */
function oneByOne<Column extends string>(groups: readonly Group[], along: OwnField<Column>): Part<Column>[] {
  const sorted = groups.toSorted((a, b) => a.origin.key - b.origin.key || a.course - b.course);
  return (along.descending ? sorted.toReversed() : sorted).map((group) => ({ groups: [group], along }));
}

/** Rows without a value are all the same: what is sorted by next decides about them. */
function byPresence<Column extends string>(
  groups: readonly Group[],
  field: OwnField<Column>,
): Part<Column>[] {
  const present: Part<Column> = { groups: groups.filter((group) => field.has(group)), along: field };
  const absent: Part<Column> = { groups: groups.filter((group) => !field.has(group)) };
  return field.descending ? [absent, present] : [present, absent];
}
