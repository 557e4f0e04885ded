import type { OffsetPage } from '../contract/executions.ts';
import { integer } from '../row.ts';
import type { Row } from '../sql.ts';
import type { Group } from '../statements/listGroups.ts';
import { isDuring, type TimePart } from './filter.ts';
import { compareRows, type Sorted, type SortedRow, sortedRows } from './order.ts';

/** Those of a few rows that fit. */
export function fittingRows(rows: readonly Row[], groups: readonly Group[], times: TimePart): SortedRow[] {
  return sortedRows(
    rows.filter((row) => isDuring(integer(row, 'modified_at'), times)),
    groups,
  );
}

/** The keys of a page of them. */
export function sortedPage<Column extends string>(
  rows: readonly SortedRow[],
  order: readonly Sorted<Column>[],
  { offset, limit }: OffsetPage,
): number[] {
  const sorted = rows.toSorted(compareRows(order));
  return sorted.slice(offset, offset + limit).map(({ key }) => key);
}
