import type { InsertingOptions } from './inserting.ts';
import { type Statement, statement } from './sql.ts';

/** A change of a single row that may be written later than it is told, in one statement with others of its kind. */
export interface Gathering {
  /** Of one row. */
  readonly one: Statement;
  /**
   * Of up to `most` rows, the fewest first: the parameters of each, one row after another. All null is no row; an insert is
   * of exactly so many.
   */
  readonly several: readonly Several[];
  /** The same for rows that differ in nothing but their ids: the parameters of one, then the ids of the others. */
  readonly alike?: readonly Several[];
  /** Found in the text of whatever looks at such rows. */
  readonly named: RegExp;
  /** Where the row is a new one. */
  readonly inserts?: InsertingOptions;
}

export interface Several {
  readonly most: number;
  readonly statement: Statement;
}

export type ColumnType = 'TEXT' | 'BIGINT';

const sizes = [4, 16, 32, 64] as const;

/** How the text of a change is made. */
export interface ChangeText {
  /** How a parameter is called; the first is the id of the row. */
  param(number: number): string;
  /** What comes between SET and WHERE. */
  from: string;
  /** That the row is one of those that are meant. */
  isMeant: string;
}

/** Declares an UPDATE of one row whose parameters have these `types`, `$1` first: the row's `id`, or what names it instead. */
export function gathering(
  named: RegExp,
  types: readonly ColumnType[],
  textOf: (parts: ChangeText) => string,
  id = 'id',
): Gathering {
  return {
    named,
    one: statement(textOf(single(id))),
    several: sizes.map((most) => ({
      most,
      statement: statement(textOf(severalOf(most, types, id))),
    })),
    alike: sizes.map((most) => ({ most, statement: statement(textOf(alikeOf(most, types.length, id))) })),
  };
}

const single = (id: string): ChangeText => ({
  param: (number) => `$${number}`,
  from: '',
  isMeant: `${id} = $1`,
});

function alikeOf(most: number, width: number, id: string): ChangeText {
  const others = Array.from({ length: most - 1 }, (_, row) => `$${width + row + 1}`);
  return { ...single(id), isMeant: `${id} IN ($1, ${others.join(', ')})` };
}

function severalOf(most: number, types: readonly ColumnType[], id: string): ChangeText {
  const ids = Array.from({ length: most }, (_, row) => `$${row * types.length + 1}`);
  return {
    param: (number) => `changes.column${number}`,
    // PostgreSQL goes through them once for each row that it finds, and would make them anew each time.
    from: `FROM (WITH changes AS MATERIALIZED (VALUES ${given(most, types)}) SELECT * FROM changes) AS changes`,
    // The list is for a database that knows nothing of its rows: it would go through all of them and look for the change of each.
    isMeant: `${id} = changes.column1 AND ${id} IN (${ids.join(', ')})`,
  };
}

/** The first row says of what types the columns are. */
function given(count: number, types: readonly ColumnType[]): string {
  return Array.from({ length: count }, (_, row) => {
    const params = types.map((type, column) => {
      const param = `$${row * types.length + column + 1}`;
      return row === 0 ? `CAST(${param} AS ${type})` : param;
    });
    return `(${params.join(', ')})`;
  }).join(', ');
}

/** The types of columns that a patch changes, each known by its key in the patch. */
export function typesOf(columnOf: object, integers: readonly string[]): ColumnType[] {
  return Object.keys(columnOf).map((key) => (integers.includes(key) ? 'BIGINT' : 'TEXT'));
}
