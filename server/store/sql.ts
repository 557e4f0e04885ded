import type { Gathering } from './gathering.ts';
import type { KeyedTable, Keys } from './rowKeys.ts';

/** What travels to the database as a parameter; objects travel as JSON text. */
export type SqlValue = string | number | null;

/** One row of an answer, not yet checked. */
export type Row = Readonly<Record<string, unknown>>;

const registered = Symbol('registered');

/** A text that went through `statement`. */
export interface Statement {
  readonly text: string;
  /**
   * Of rows whose changes are gathered it looks at those alone whose ids are in these of its parameters, counted from 0;
   * at any of its tables where it does not say.
   */
  readonly looksAt?: readonly number[];
  /** Found in the text of whatever can change its answer; else the works of a group are given the same one. */
  readonly standsUntil?: RegExp;
  readonly [registered]: true;
}

const known: Statement[] = [];

/**
 * Declares one SQL statement that SQLite and PostgreSQL both accept, with `$1`, `$2` … as its parameters. There is no
 * other way to one, so a test that prepares all of `registeredStatements()` forgets none.
 */
export function statement(text: string, also: Pick<Statement, 'looksAt' | 'standsUntil'> = {}): Statement {
  const made: Statement = { text, ...also, [registered]: true };
  known.push(made);
  return made;
}

/** The same for a text of which there are many, each seldom asked: it is made when it is first needed. */
export function lateStatement(textOf: () => string): Statement {
  let made: string | undefined;
  const late: Statement = {
    get text() {
      return (made ??= textOf());
    },
    [registered]: true,
  };
  known.push(late);
  return late;
}

/** A statement that adds to a counter: its first parameters are the key of a row, the others what to add to it. */
export interface Adding {
  readonly statement: Statement;
  /** The same for exactly so many rows: the parameters of each, one row after another. */
  readonly several?: { readonly count: number; readonly statement: Statement };
  /** Found in the text of whatever looks at such a counter. */
  readonly named: RegExp;
}

/** Declares a statement whose sums may be written later than they are told, but before anything that `named` finds. */
export function adding(named: RegExp, text: string): Adding {
  return { statement: statement(text), named };
}

/** For a statement that was sent with how many rows it has to change. */
export function expectChanged(changed: number, { text }: Statement, rows: number | undefined): void {
  if (rows !== undefined && changed !== rows)
    throw new Error(`a statement changed ${changed} rows instead of ${rows}: ${text.slice(0, 1000)}`);
}

/** Every statement of the modules that are loaded. */
export function registeredStatements(): readonly Statement[] {
  return known;
}

/** Runs statements. */
export interface Sql {
  all(statement: Statement, params: readonly SqlValue[]): Promise<Row[]>;
  /** All that `ask` asks, and it awaits nothing else, is answered from one and the same state. */
  together<T>(ask: (sql: Sql) => Promise<T>): Promise<T>;
  get(statement: Statement, params: readonly SqlValue[]): Promise<Row | undefined>;
  /** The number of rows that it changed. */
  run(statement: Statement, params: readonly SqlValue[]): Promise<number>;
}

/** The one connection that writes, in a transaction: its statements are carried out in the order of the calls. */
export interface WriterSql extends Sql {
  /** Runs text without parameters that is not worth preparing, such as a migration. */
  script(text: string): Promise<void>;
  /**
   * Asks for a change and goes on: what is asked later sees it. Where it fails, and nothing but a fault of the database
   * should make it, the work does; on PostgreSQL the whole group, for the next work may be under way by then. `rows` is
   * how many it has to change, to be no failure.
   */
  send(statement: Statement, params: readonly SqlValue[], rows?: number): void;
  /** Rows with keys up to this one are inserted that the database did not number: its own keys go on after it. */
  usedKeys(table: KeyedTable, last: number): void;
  /** Whether one statement for many rows costs less than as many statements: they go over a network. */
  readonly isRemote: boolean;
}

/** The same for one work of a group. */
export interface Transaction extends WriterSql {
  /** Adds to a counter at the latest before the commit; statements about counters see it. */
  add(counter: Adding, key: readonly SqlValue[], amounts: readonly number[]): void;
  /** Changes or inserts one row, known by its id, at the latest before the commit; statements that look at it see that. */
  gather(change: Gathering, id: string, params: readonly SqlValue[]): void;
  /** Of rows that are gathered. */
  readonly keys: Pick<Keys, 'next' | 'used'>;
}
