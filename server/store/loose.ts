import type { Row, SqlValue } from './sql.ts';

declare const registered: unique symbol;

/** A text that went through `postgresStatement`. */
export interface PostgresStatement {
  readonly text: string;
  readonly [registered]: true;
}

/** Bytes travel as bytea. */
export type LooseValue = SqlValue | Uint8Array;

/**
 * Statements of PostgreSQL outside of the order of writes: they wait for nobody's lock but those of their own rows. For
 * what no rule about runs depends on.
 */
export interface Loose {
  all(statement: PostgresStatement, params: readonly LooseValue[]): Promise<Row[]>;
  /** The number of rows that it gave or changed. */
  run(statement: PostgresStatement, params: readonly LooseValue[]): Promise<number>;
  /**
   * One transaction on one connection, durable when it resolves. What is asked in one turn is sent together; `work` awaits
   * nothing else. Where it throws, or a statement fails, all of it is undone.
   */
  together<T>(work: (loose: Loose) => Promise<T>): Promise<T>;
}

const known: PostgresStatement[] = [];

/** Declares one statement that only PostgreSQL is asked, with `$1`, `$2` … as its parameters. */
export function postgresStatement(text: string): PostgresStatement {
  const made = { text } as PostgresStatement;
  known.push(made);
  return made;
}

/** Every such statement of the modules that are loaded. */
export function postgresStatements(): readonly PostgresStatement[] {
  return known;
}
