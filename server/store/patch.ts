import type { SqlValue } from './sql.ts';

/** A part of an UPDATE that changes only some of its columns, so that one text serves every change. */
export interface Patching {
  /** `column = …` for each column. The first parameter is a bit for each column that changes; a value for each follows. */
  assignments: string;
  /** Those parameters. Absent and undefined mean that a column stays. */
  params(patch: object): SqlValue[];
}

/** `columnOf` names the column of each key of a patch; `before` is how many parameters come before those of the patch. */
export function patching(columnOf: Readonly<Record<string, string>>, before: number): Patching {
  const changes = `$${before + 1}`;
  const assignments = Object.values(columnOf).map((column, index) => {
    const value = `$${before + 2 + index}`;
    return `${column} = CASE WHEN (${changes} & ${2 ** index}) <> 0 THEN ${value} ELSE ${column} END`;
  });
  const keys = Object.keys(columnOf);
  return {
    assignments: assignments.join(',\n    '),
    params(patch) {
      const given: Readonly<Record<string, unknown>> = { ...patch };
      const bits = keys.map((key, index) => (given[key] === undefined ? 0 : 2 ** index));
      const values = keys.map((key) => (given[key] === undefined ? null : encoded(given[key])));
      return [bits.reduce((sum, bit) => sum + bit, 0), ...values];
    },
  };
}

function encoded(value: unknown): SqlValue {
  return value === null || typeof value === 'string' || typeof value === 'number'
    ? value
    : JSON.stringify(value);
}
