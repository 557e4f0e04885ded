import type { Group } from '../statements/listGroups.ts';
import { type BlockRows, blockRows } from '../statements/blockRows.ts';
import { type EndedRows, endedRows, type NamedRows, namedRows } from '../statements/listRows.ts';
import type { Own } from './order.ts';
import type { ListTable } from '../statements/listTable.ts';
import { type OpenRows, openRows } from '../statements/openRows.ts';

/** A list, with the questions that it asks of the store. */
export interface List<Column extends string> {
  ended: EndedRows<Column>;
  open: OpenRows;
  named: NamedRows;
  /** Absent where nothing of the list is summed up. */
  blocks?: BlockRows<Column>;
  /** The column whose index has the order of another. */
  columnOf(column: Column): Column;
  isEnded(group: Group): boolean;
  /** Whether rows of a group are what `open.busy` gives. */
  isBusy(group: Group): boolean;
  /** By the newest change. */
  byChange: Own<Column>;
  /** Columns that have the same value, in each row that has ended, as the time of its newest change. */
  endColumns: readonly Column[];
  /** Columns that have the same value, in each row that `open.first` gives, as the one that it sorts by. */
  openColumns: readonly Column[];
}

export function listOf<Column extends string>(
  table: ListTable<Column>,
  rules: Pick<List<Column>, 'isEnded' | 'isBusy' | 'byChange' | 'endColumns' | 'openColumns'>,
): List<Column> {
  return {
    ended: endedRows(table),
    open: openRows(table),
    named: namedRows(table),
    ...(table.table === 'attempts' && { blocks: blockRows(table) }),
    columnOf: (column) => table.columns[column],
    ...rules,
  };
}
