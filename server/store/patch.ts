import type { SqlValue } from './sql.ts';

/** A part of an UPDATE that changes only some of its columns, so that one text serves every change. */
export interface Patching {
  /** `column = …` for each column. The first parameter is a bit for each column that changes; a value for each follows. */
  assignments: string;
  /** The same where parameters are called otherwise. */
  assignmentsWith(param: (number: number) => string): string;
  /** Those parameters. Absent and undefined mean that a column stays. */
  params(patch: object): SqlValue[];
  /** Whether it has a column for everything that changes. */
  fits(patch: object): boolean;
}

/**
 * `columnOf` names the column of each key of a patch; `before` is how many parameters come before those of the patch.
 * `through` says what becomes of a value on its way into a column.
 */
export function patching(
  columnOf: Readonly<Record<string, string>>,
  before: number,
  through: Readonly<Record<string, (value: string) => string>> = {},
): Patching {
  const assignmentsWith = (param: (number: number) => string) => {
    const changes = param(before + 1);
    const assignments = Object.entries(columnOf).map(([key, column], index) => {
      const given = param(before + 2 + index);
      const value = through[key]?.(given) ?? given;
      return `${column} = CASE WHEN (${changes} & ${2 ** index}) <> 0 THEN ${value} ELSE ${column} END`;
    });
    return assignments.join(',\n    ');
  };
  const keys = Object.keys(columnOf);
  return {
    assignments: assignmentsWith((number) => `$${number}`),
    assignmentsWith,
    fits: (patch) => Object.entries(patch).every(([key, value]) => value === undefined || key in columnOf),
    params(patch) {
      const given = patch as Readonly<Record<string, unknown>>;
      const params: SqlValue[] = [0];
      let bits = 0;
      for (const [index, key] of keys.entries()) {
        const value = given[key];
        if (value !== undefined) bits |= 1 << index;
        params.push(value === undefined ? null : encoded(value));
      }
      params[0] = bits;
      return params;
    },
  };
}

function encoded(value: unknown): SqlValue {
  return value === null || typeof value === 'string' || typeof value === 'number'
    ? value
    : JSON.stringify(value);
}
