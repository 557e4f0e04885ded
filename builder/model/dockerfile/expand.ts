import type { Escape } from './words.ts';

/** What a variable is: with an undefined value where it was never set. */
export interface Variable {
  value: string | undefined;
}

/** Gives undefined for a variable whose value is only known to a build. */
export type Lookup = (name: string) => Variable | undefined;

interface Reader {
  text: string;
  at: number;
  escape: Escape;
  lookup: Lookup;
  failed: boolean;
}

// An image's name is much shorter. Without a limit, values made of values would double with each line.
const longestValue = 4096;
const deepestDefault = 20;
const variableName = /[A-Za-z_]\w*/y;

/**
 * A word with its quotes removed and its variables filled in: `$A`, `${A}`, `${A:-b}`, `${A-b}`, `${A:+b}`, `${A+b}`,
 * `${A:?}`. Undefined where a value is not known, or the word is too long or uses what is not known here.
 */
export function expandWord(text: string, lookup: Lookup, escape: Escape): string | undefined {
  const reader: Reader = { text, at: 0, escape, lookup, failed: false };
  const value = readTo(reader, undefined, 0);
  return reader.failed ? undefined : value;
}

/** Reads up to `stop` and over it; to the end where there is none. */
function readTo(reader: Reader, stop: '}' | '"' | undefined, depth: number): string {
  let value = '';
  while (!reader.failed && reader.at < reader.text.length) {
    const char = reader.text.charAt(reader.at);
    reader.at += 1;
    if (char === stop) return value;
    value += pieceAt(reader, char, stop === '"', depth);
    if (value.length > longestValue) reader.failed = true;
  }
  if (stop !== undefined) reader.failed = true;
  return value;
}

function pieceAt(reader: Reader, char: string, isQuoted: boolean, depth: number): string {
  if (char === '$') return variable(reader, depth);
  if (char === reader.escape) return escaped(reader, isQuoted);
  if (char === "'" && !isQuoted) return literal(reader);
  if (char === '"' && !isQuoted) return readTo(reader, '"', depth);
  return char;
}

/** In double quotes only a few characters can be escaped. */
function escaped(reader: Reader, isQuoted: boolean): string {
  const char = reader.text.charAt(reader.at);
  reader.at += 1;
  return isQuoted && !`"$${reader.escape}`.includes(char) ? reader.escape + char : char;
}

function literal(reader: Reader): string {
  const from = reader.at;
  const end = reader.text.indexOf("'", from);
  if (end < 0 || end - from > longestValue) reader.failed = true;
  reader.at = end + 1;
  return reader.failed ? '' : reader.text.slice(from, end);
}

function variable(reader: Reader, depth: number): string {
  if (reader.text.charAt(reader.at) !== '{') {
    const name = nameAt(reader);
    return name === '' ? '$' : (known(reader, name) ?? '');
  }
  reader.at += 1;
  const name = nameAt(reader);
  const [operator = ''] = /^(?:\}|:?[-+?])/.exec(reader.text.slice(reader.at, reader.at + 2)) ?? [];
  reader.at += operator.length;
  if (name === '' || operator === '' || depth > deepestDefault) reader.failed = true;
  if (reader.failed) return '';
  return operator === '}' ? (known(reader, name) ?? '') : choose(reader, operator, name, depth);
}

function choose(reader: Reader, operator: string, name: string, depth: number): string {
  const value = known(reader, name);
  const word = readTo(reader, '}', depth + 1);
  const isThere = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isThere ? word : '';
  if (operator.endsWith('?') && !isThere) reader.failed = true;
  return isThere ? value : word;
}

function nameAt(reader: Reader): string {
  variableName.lastIndex = reader.at;
  const [name = ''] = variableName.exec(reader.text) ?? [];
  reader.at += name.length;
  return name;
}

function known(reader: Reader, name: string): string | undefined {
  const found = reader.lookup(name);
  if (!found) reader.failed = true;
  return found?.value;
}
