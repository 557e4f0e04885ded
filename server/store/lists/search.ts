import type { Sql } from '../sql.ts';
import { stateDigit } from '../course.ts';
import type { Group } from '../statements/listGroups.ts';
import type { Lists } from '../statements/listTexts.ts';
import type { Blocks } from './blocks.ts';
import type { TimePart } from './filter.ts';
import type { List } from './list.ts';
import type { Sorted } from './order.ts';

/** What a page is looked for in. */
export interface Search<Column extends string> extends TimePart {
  sql: Sql;
  list: List<Column>;
  /** Everything that the list has, whatever is filtered. */
  all: readonly Group[];
  /** What has ended and fits, block by block; asked for where there is far to go. */
  blocks?(): Promise<Blocks | undefined>;
  /** Whether the time that is asked for has a whole block in it: then to count by blocks is quicker than along an index. */
  hasWhole?(): Promise<boolean>;
}

export type OwnField<Column extends string> = Extract<Sorted<Column>, { kind: 'own' }>;

export function countOf(groups: readonly Group[]): number {
  return groups.reduce((sum, { rows }) => sum + rows, 0);
}

export function listsOf(groups: readonly Group[]): { origins: number[]; courses: number[] } {
  return {
    origins: [...new Set(groups.map(({ origin }) => origin.key))],
    courses: [...new Set(groups.map(({ course }) => course))],
  };
}

/** What has to be said to single groups out among those that are there. */
export function needed(groups: readonly Group[], there: readonly Group[]): Lists {
  const [own, every] = [listsOf(groups), listsOf(there)];
  const isEveryCourse = own.courses.length === every.courses.length;
  return {
    origins: own.origins.length === every.origins.length ? [] : own.origins,
    courses: isEveryCourse ? [] : own.courses,
    states: isEveryCourse ? undefined : statesOf(own.courses, every.courses),
  };
}

/** The states of some courses as bits, where no other course that is there has one of them. */
function statesOf(own: readonly number[], every: readonly number[]): number | undefined {
  const states = new Set(own.map(stateDigit));
  if (every.filter((course) => states.has(stateDigit(course))).length !== own.length) return undefined;
  return [...states].reduce((bits, state) => bits + 2 ** state, 0);
}

/** Whether only keys decide, in the same direction, between rows with the same value. */
export function isPlain<Column extends string>(
  { descending }: OwnField<Column>,
  [next]: readonly Sorted<Column>[],
): boolean {
  return !next || (next.kind === 'own' && next.column === 'key' && next.descending === descending);
}
