import type { SqlValue } from '../sql.ts';

/** Rows of any of these origins, and of any of these courses; an empty list says nothing. */
export interface Lists {
  origins: readonly number[];
  courses: readonly number[];
  /**
   * Stands for the courses: a bit for each state of an attempt that one of them has, where all courses with such a state are
   * meant.
   */
  states?: number | undefined;
}

/** Something for each of some sizes that a list of origins and one of courses may have. */
export type Sized<T> = (lists: Lists) => T | undefined;

/** A condition by two lists, which are written out when it is asked for. */
export type Which = () => string;

/** Makes all of them at once, so that none is first seen in production. The size 0 stands for no list at all. */
export function forSizes<T>(
  origins: readonly number[],
  courses: readonly (number | 'states')[],
  make: (which: Which, fill: Fill) => T,
): Sized<T> {
  const made = new Map<string, T>();
  for (const some of origins)
    for (const others of courses) {
      const which = () =>
        inList('origin', some) + (others === 'states' ? ofStates : inList('course', others));
      const fill: Fill = (lists) => [
        ...filled(lists.origins, some),
        ...(others === 'states' ? [lists.states ?? 0] : filled(lists.courses, others)),
      ];
      made.set(`${some} ${others}`, make(which, fill));
    }
  const hasStates = courses.includes('states');
  return (lists) => {
    const others =
      hasStates && lists.states !== undefined ? 'states' : sizeFor(courses, lists.courses.length);
    return made.get(`${sizeFor(origins, lists.origins.length)} ${others}`);
  };
}

function sizeFor(sizes: readonly (number | 'states')[], count: number): number | undefined {
  return sizes.find((size): size is number => typeof size === 'number' && size >= count);
}

/** The parameters of both lists: they are filled up with their last value. */
export type Fill = (lists: Lists) => SqlValue[];

// The sum keeps databases from an index of the column, which has another order.
function inList(column: string, size: number): string {
  return size === 0 ? '' : ` AND ${column} + 0 IN (${marks(size)})`;
}

/** A course has the code of the state in its lowest digit. To look into a list takes SQLite twice as long. */
const ofStates = ' AND (CAST(? AS BIGINT) >> CAST(course & 7 AS INTEGER)) & 1 = 1';

export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

function filled(list: readonly number[], size: number): SqlValue[] {
  const last = list.at(-1) ?? null;
  return Array.from({ length: size }, (_, index) => list[index] ?? last);
}
