import type { JobKind } from '../../words/job.ts';
import { UnboundedOrder } from '../../words/unboundedOrder.ts';
import { integer } from '../row.ts';
import type { Row, Sql } from '../sql.ts';
import { countedOf } from '../statements/courseCounts.ts';
import type { Group } from '../statements/listGroups.ts';
import type { List } from './list.ts';
import { countOf, type Search } from './search.ts';

/** What a filter says about the job of a row. */
export interface JobPart {
  project?: string;
  jobKeys?: readonly number[];
  slugs?: readonly string[];
  kinds?: readonly JobKind[];
}

export interface TimePart {
  modifiedFrom?: number | undefined;
  modifiedTo?: number | undefined;
}

export function timesOf({ modifiedFrom, modifiedTo }: TimePart): TimePart {
  return { modifiedFrom, modifiedTo };
}

export function isOfJobs({ origin }: Group, { project, jobKeys, slugs, kinds }: JobPart): boolean {
  return (
    (project === undefined || origin.project === project) &&
    isAmong(jobKeys, origin.jobKey) &&
    isAmong(slugs, origin.slug) &&
    isAmong(kinds, origin.kind)
  );
}

/** What is not asked for fits. */
export function isAmong<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted?.includes(value) ?? true;
}

export function isDuring(changedAt: number, { modifiedFrom, modifiedTo }: TimePart): boolean {
  return changedAt >= (modifiedFrom ?? -Infinity) && changedAt <= (modifiedTo ?? Infinity);
}

const mostBusy = 20_000;

/** All that is open and not queued; `groups` are those that are asked for. */
export async function busyRows(sql: Sql, list: List<string>, groups: readonly Group[]): Promise<Row[]> {
  if (countOf(groups) > mostBusy)
    throw new UnboundedOrder('so many are held back or under way that they cannot be sorted: leave them out');
  return list.open.busy(sql, mostBusy);
}

/** So many groups are counted one by one in a short time. */
const mostCounted = 48;

/** The groups with as many rows as they have in the time that is asked for. */
export async function during(
  {
    sql,
    list,
    blocks,
    hasWhole,
    ...times
  }: Pick<Search<string>, 'sql' | 'list' | 'blocks' | 'hasWhole' | keyof TimePart>,
  groups: readonly Group[],
): Promise<readonly Group[]> {
  const { modifiedFrom: from = -8.64e15, modifiedTo: to = 8.64e15 } = times;
  if (times.modifiedFrom === undefined && times.modifiedTo === undefined) return groups;
  const busyGroups = groups.filter(list.isBusy);
  const busy = busyGroups.length === 0 ? [] : await busyRows(sql, list, busyGroups);
  const byBlocks = groups.length > mostCounted || (await hasWhole?.());
  const summed = byBlocks ? await blocks?.() : undefined;
  const counted = await Promise.all(
    groups.map(async (group) => {
      const { origin, course } = group;
      const place = summed?.placeOf(origin.key, course);
      if (summed && place !== undefined) return summed.totals[place] ?? 0;
      if (list.isBusy(group)) return busy.filter((row) => isOf(row, group) && isIn(row, times)).length;
      const which = list.isEnded(group) ? list.ended : list.open;
      return which.count(sql, origin.key, course, from, to);
    }),
  );
  return groups.map((group, index) => ({ ...group, rows: counted[index] ?? 0 }));
}

function isOf(row: Row, group: Group): boolean {
  const { origin, course } = countedOf(row);
  return origin === group.origin.key && course === group.course;
}

function isIn(row: Row, times: TimePart): boolean {
  return isDuring(integer(row, 'modified_at'), times);
}
