import type { SqlValue } from '../sql.ts';

/** Something for each of some sizes that a list of origins and one of courses may have. */
export type Sized<T> = (origins: number, courses: number) => T | undefined;

/** Makes all of them at once, so that none is first seen in production. The size 0 stands for no list at all. */
export function forSizes<T>(
  origins: readonly number[],
  courses: readonly number[],
  make: (which: string, fill: Fill) => T,
): Sized<T> {
  const made = new Map<string, T>();
  for (const some of origins)
    for (const others of courses) {
      const which = inList('origin', some) + inList('course', others);
      const fill: Fill = (lists) => [...filled(lists.origins, some), ...filled(lists.courses, others)];
      made.set(`${some} ${others}`, make(which, fill));
    }
  return (some, others) => made.get(`${sizeFor(origins, some)} ${sizeFor(courses, others)}`);
}

function sizeFor(sizes: readonly number[], count: number): number | undefined {
  return sizes.find((size) => size >= count);
}

/** The parameters of both lists: they are filled up with their last value. */
export type Fill = (lists: { origins: readonly number[]; courses: readonly number[] }) => SqlValue[];

// The sum keeps databases from an index of the column, which has another order.
function inList(column: string, size: number): string {
  return size === 0 ? '' : ` AND ${column} + 0 IN (${marks(size)})`;
}

export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

function filled(list: readonly number[], size: number): SqlValue[] {
  const last = list.at(-1) ?? null;
  return Array.from({ length: size }, (_, index) => list[index] ?? last);
}
