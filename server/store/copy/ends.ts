import type { LogChunks } from '../contract/logChunks.ts';
import type { Cells, Table } from './table.ts';

/** A store that is read, in one state, while nobody else uses it. */
export interface Source {
  /** As a person knows it; never with a password. */
  readonly name: string;
  /** All rows in the order of their key, some at a time: memory does not grow with the table. */
  rows(table: Table): AsyncIterable<readonly Cells[]>;
  /** The highest number that a numbered table ever gave; 0 where it gave none. */
  lastNumber(table: Table): Promise<number>;
  /** Its logs, where they are in the database too. Of a target they must not be asked for while its rows are read. */
  readonly chunks: LogChunks | undefined;
  close(): Promise<void>;
}

/** An empty store that is filled. Until `commit` nobody sees anything of it, and after a `close` without one it is as before. */
export interface Target extends Source {
  /** How it keeps a value. */
  kept(value: Cells[number]): Cells[number];
  insert(table: Table, rows: readonly Cells[]): Promise<void>;
  /** Its next row gets the number after `last`. */
  continueAfter(table: Table, last: number): Promise<void>;
  /** All rows are in: makes its indexes, and checks what the rows refer to. What is read from now on is what was kept. */
  finish(): Promise<void>;
  commit(): Promise<void>;
}

/** Why a store cannot be copied, or not to there, in a sentence for a person. */
export class CopyRefusal extends Error {
  override name = 'CopyRefusal';
}

/** Reads what is before the newest step, or after it, is nothing that this program understands. */
export function refuseOtherSchema(name: string, schema: number | undefined, known: number): void {
  if (schema === undefined) throw new CopyRefusal(`there is no store in ${name}`);
  if (schema > known)
    throw new CopyRefusal(
      `${name} has schema ${schema}, this docker-builder knows ${known}: copy it with a newer one`,
    );
  if (schema < known)
    throw new CopyRefusal(
      `${name} has schema ${schema}, this docker-builder writes ${known}: start it there once, and stop it, before you copy`,
    );
}

export function refuseFull(name: string, tables: readonly string[]): void {
  const some = [...tables.slice(0, 3), ...(tables.length > 3 ? ['more'] : [])].join(', ');
  if (some) throw new CopyRefusal(`${name} is not empty, it has ${some}: name one that is`);
}
