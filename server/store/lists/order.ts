import type { Order } from '../contract/executions.ts';
import type { Row } from '../sql.ts';
import { integer, integerOrNull } from '../row.ts';
import { countedOf } from '../statements/courseCounts.ts';
import type { Group } from '../statements/listGroups.ts';

export type Value = string | number | null;

/** What a list can be sorted by: what all rows of a group have in common, and what each row has for itself. */
export interface Sorting<Field extends string, Column extends string> {
  shared: Readonly<Partial<Record<Field, (group: Group) => Value>>>;
  own: Readonly<Partial<Record<Field, Own<Column>>>>;
}

export interface Own<Column> {
  column: Column;
  /** Whether the rows of a group have a value. */
  has(group: Group): boolean;
}

/** A field of an order, with all that is known of it. */
export type Sorted<Column extends string> = { descending: boolean } & (
  | { kind: 'shared'; valueOf: (group: Group) => Value }
  | ({ kind: 'own'; /** Nobody has asked for it. */ isAdded?: boolean } & Own<Column>)
);

/**
 * The order asked for, which ends with the key. What stands behind the key decides nothing any more.
 */
export function resolved<Field extends string, Column extends string>(
  order: readonly Order<Field>[],
  { shared, own }: Sorting<Field, Column>,
  key: Own<Column>,
): Sorted<Column>[] {
  const fields = order.map(({ field, descending, as }): Sorted<Column> => {
    const ownField = own[field];
    if (ownField) return { kind: 'own', descending, ...ownField };
    const valueOf = shared[field];
    if (!valueOf) throw new Error(`no list is sorted by ${field}`);
    return { kind: 'shared', descending, valueOf: as ? asked(valueOf, as) : valueOf };
  });
  const at = fields.findIndex((field) => field.kind === 'own' && field.column === key.column);
  if (at >= 0) return fields.slice(0, at + 1);
  const descending = fields.at(-1)?.descending ?? false;
  return [...fields, { kind: 'own', isAdded: fields.length > 0, descending, ...key }];
}

function asked(valueOf: (group: Group) => Value, as: (value: string) => Value): (group: Group) => Value {
  return (group) => {
    const value = valueOf(group);
    return typeof value === 'string' ? as(value) : value;
  };
}

/** Without a value: last. */
export function compareValues(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

/** A row with what it is sorted by. */
export interface SortedRow {
  key: number;
  group: Group;
  row: Row;
}

export function compareRows<Column extends string>(order: readonly Sorted<Column>[]) {
  return (a: SortedRow, b: SortedRow): number => {
    for (const field of order) {
      const result = compareValues(valueIn(a, field), valueIn(b, field));
      if (result !== 0) return field.descending ? -result : result;
    }
    return 0;
  };
}

function valueIn({ row, group }: SortedRow, field: Sorted<string>): Value {
  return field.kind === 'shared' ? field.valueOf(group) : integerOrNull(row, field.column);
}

/** The rows whose groups are among these; a row that changed since they were counted is left out. */
export function sortedRows(rows: readonly Row[], groups: readonly Group[]): SortedRow[] {
  const known = new Map(groups.map((group) => [`${group.origin.key} ${group.course}`, group]));
  return rows.flatMap((row) => {
    const { origin, course } = countedOf(row);
    const group = known.get(`${origin} ${course}`);
    return group ? [{ key: integer(row, 'key'), group, row }] : [];
  });
}
