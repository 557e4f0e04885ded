import { shown } from '../shown.ts';

/** Where a value of a file is. */
export interface FilePlace {
  /** From 1. */
  line: number;
  /** E.g. `container[0].tags[1]`; "" is the whole file. */
  place: string;
}

export type Scalar =
  | { kind: 'text'; text: string }
  | { kind: 'number'; number: number }
  | { kind: 'flag'; flag: boolean }
  /** `null`. */
  | { kind: 'nothing' }
  | { kind: 'date' };

/** A value of a file, whatever its format. A member of a table stands on the line of its key. */
export type FileNode = FilePlace &
  (Scalar | { kind: 'list'; items: readonly FileNode[] } | { kind: 'table'; members: FileTable });

/** In the file's order as far as the format keeps it. */
export type FileTable = ReadonlyMap<string, FileNode>;

export const maxDepth = 20;
/** Of one file, what aliases repeat included. */
export const maxNodes = 50_000;

export const tooMuch = 'has too many values, or too many inside of each other';

/** The place of a table's member; keys with other characters than letters, digits, "_" and "-" are quoted. */
export function memberPlace(place: string, key: string): string {
  const name = /^[\w-]{1,60}$/.test(key) ? key : shown(key);
  return place === '' ? name : `${place}.${name}`;
}

/** A value without content counts as absent, as in the original. */
export function isEmpty(node: FileNode): boolean {
  if (node.kind === 'text') return node.text === '';
  if (node.kind === 'list') return node.items.length === 0;
  return node.kind === 'nothing' || (node.kind === 'table' && node.members.size === 0);
}

/** Why a text is not a file of a format at all. */
export class FormatError extends Error {
  readonly line: number;

  constructor(sentence: string, line: number) {
    super(sentence);
    this.name = 'FormatError';
    this.line = line;
  }
}
