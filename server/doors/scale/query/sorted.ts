import type { Order } from '../../../store/contract/executions.ts';

/** Sorts what is in memory as the store does: what has no value is the greatest, and ties go by `id`. */
export function sortedBy<Field extends string>(
  items: readonly Record<string, unknown>[],
  orders: readonly Order<Field>[],
): Record<string, unknown>[] {
  return sortedByValues<Record<string, unknown>, string>(items, orders, (item, field) => item[field]);
}

/** The same where a field is not simply a member. */
export function sortedByValues<Item, Field extends string>(
  items: readonly Item[],
  orders: readonly Order<Field>[],
  valueOf: (item: Item, field: Field | 'id') => unknown,
): Item[] {
  const all: readonly Order<Field | 'id'>[] = [...orders, { field: 'id', descending: false }];
  return items.toSorted((a, b) => {
    for (const { field, descending } of all) {
      const way = compare(valueOf(a, field), valueOf(b, field));
      if (way !== 0) return descending ? -way : way;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  const [left, right] = [sortable(a), sortable(b)];
  return left < right ? -1 : Number(left > right);
}

function sortable(value: unknown): number | string {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : String(value);
}
