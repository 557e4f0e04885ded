import { type Statement, statement } from './sql.ts';

/** A change of a single row that may be written later than it is told, in one statement with others of its kind. */
export interface Gathering {
  /** Of one row. */
  readonly one: Statement;
  /** Of up to `most` rows, the fewest first: the parameters of each, one row after another. All null is no row. */
  readonly several: readonly Several[];
  /** Found in the text of whatever looks at such rows. */
  readonly named: RegExp;
}

interface Several {
  readonly most: number;
  readonly statement: Statement;
}

export type ColumnType = 'TEXT' | 'BIGINT';

const sizes = [4, 16, 64] as const;

/** How the text of a change is made. */
export interface ChangeText {
  /** How a parameter is called; the first is the id of the row. */
  param(number: number): string;
  /** What comes between SET and WHERE. */
  from: string;
  /** That the row is one of those that are meant. */
  isMeant: string;
}

/** Declares an UPDATE of one row whose parameters have these `types`, `$1` first. */
export function gathering(
  named: RegExp,
  types: readonly ColumnType[],
  textOf: (parts: ChangeText) => string,
): Gathering {
  return {
    named,
    one: statement(textOf(single)),
    several: sizes.map((most) => ({ most, statement: statement(textOf(severalOf(most, types))) })),
  };
}

const single: ChangeText = { param: (number) => `$${number}`, from: '', isMeant: 'id = $1' };

function severalOf(most: number, types: readonly ColumnType[]): ChangeText {
  const ids = Array.from({ length: most }, (_, row) => `$${row * types.length + 1}`);
  return {
    param: (number) => `changes.column${number}`,
    from: `FROM (VALUES ${rows(most, types)}) AS changes`,
    // The list is for a database that knows nothing of its rows: it would go through all of them and look for the change of each.
    isMeant: `id = changes.column1 AND id IN (${ids.join(', ')})`,
  };
}

/** The first row says of what types the columns are. */
function rows(count: number, types: readonly ColumnType[]): string {
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
