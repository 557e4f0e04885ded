import type { SqlValue } from './sql.ts';

/** A part of an UPDATE that changes only some of its columns, so that one text serves every change. */
export interface Patching {
  /** `column = …` for each column; each takes two parameters. */
  assignments: string;
  /** For each column whether it changes, and to what. Absent and undefined mean that it stays. */
  params(patch: object): SqlValue[];
}

/** `columnOf` names the column of each key of a patch; `before` is how many parameters come before those of the patch. */
export function patching(columnOf: Readonly<Record<string, string>>, before: number): Patching {
  const assignments = Object.values(columnOf).map((column, index) => {
    const changes = before + 2 * index + 1;
    return `${column} = CASE WHEN $${changes} = 1 THEN $${changes + 1} ELSE ${column} END`;
  });
  const keys = Object.keys(columnOf);
  return {
    assignments: assignments.join(',\n    '),
    params(patch) {
      const given: Readonly<Record<string, unknown>> = { ...patch };
      return keys.flatMap((key) => (given[key] === undefined ? [0, null] : [1, encoded(given[key])]));
    },
  };
}

function encoded(value: unknown): SqlValue {
  return value === null || typeof value === 'string' || typeof value === 'number'
    ? value
    : JSON.stringify(value);
}
