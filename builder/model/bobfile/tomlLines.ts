import { parse } from 'smol-toml';

/** On which lines the keys and values of a TOML file stand. */
export interface LineTree {
  line: number;
  members: Map<string | number, LineTree>;
}

interface Table extends LineTree {
  /** How many `[[tables]]` of this name there are. */
  tables?: number;
}

const blanks = /(?:[ \t\r\n]+|#[^\n]*)+/y;
const spaces = /[ \t]*/y;
const keyPart = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+/y;
const dot = /[ \t]*\.[ \t]*/y;
const equals = /[ \t]*=[ \t]*/y;
const header = /\[\[?[ \t]*/y;
const headerEnd = /[ \t]*\]\]?/y;
const text =
  /"""[^"\\]*(?:(?:\\[^]|"{1,2}(?!"))[^"\\]*)*"{3,5}|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\n]*'/y;
const plain = /[^,\]}#\r\n]+/y;

/** Reads where things are in a TOML file that a parser has found to be valid; what they are is the parser's. */
export function readTomlLines(toml: string): LineTree {
  const root: Table = { line: 1, members: new Map() };
  let at = 0;
  let line = 1;

  /** Goes on past what matches here. */
  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const [found = ''] = pattern.exec(toml) ?? [];
    at += found.length;
    for (let i = found.indexOf('\n'); i >= 0; i = found.indexOf('\n', i + 1)) line += 1;
    return found;
  }

  function takeKey(): string[] {
    const parts = [];
    do parts.push(keyText(take(keyPart)));
    while (take(dot) !== '');
    return parts;
  }

  function takeStatement(table: Table): Table {
    const opening = take(header);
    const keys = takeKey();
    if (opening !== '') {
      take(headerEnd);
      return opening.startsWith('[[')
        ? nextTable(descend(root, keys, line), line)
        : openTable(root, keys, line);
    }
    const member = descend(table, keys, line);
    take(equals);
    takeValue(member);
    return table;
  }

  function takeValue(node: Table): void {
    if (toml[at] === '[') takeAll(']', (i) => takeValue(child(node, i, line)));
    else if (toml[at] === '{') takeAll('}', () => takeMember(node));
    else if (take(text) === '') take(plain);
  }

  function takeMember(node: Table): void {
    const member = descend(node, takeKey(), line);
    take(equals);
    takeValue(member);
  }

  function takeAll(end: string, takeOne: (index: number) => void): void {
    at += 1;
    for (let i = 0; ; i += 1) {
      take(blanks);
      if (toml[at] === end || at >= toml.length) break;
      const before = at;
      takeOne(i);
      take(blanks);
      if (toml[at] === ',') at += 1;
      else if (at === before) break;
    }
    at += 1;
  }

  take(/\uFEFF?/y);
  take(blanks);
  for (let table = root, before = -1; at < toml.length && at > before; take(blanks)) {
    before = at;
    table = takeStatement(table);
    take(spaces);
  }
  return root;
}

function keyText(written: string): string {
  if (written.startsWith("'")) return written.slice(1, -1);
  if (!written.startsWith('"')) return written;
  const { key } = written.includes('\\') ? parse(`key = ${written}`) : { key: written.slice(1, -1) };
  return typeof key === 'string' ? key : '';
}

/** The place that keys lead to; of `[[tables]]` on the way the last is meant. */
function descend(from: Table, keys: readonly string[], line: number): Table {
  let table = from;
  for (const key of keys) table = child(lastOf(table), key, line);
  return table;
}

function openTable(from: Table, keys: readonly string[], line: number): Table {
  return lastOf(descend(from, keys, line));
}

function nextTable(list: Table, line: number): Table {
  list.tables = (list.tables ?? 0) + 1;
  return child(list, list.tables - 1, line);
}

function lastOf(table: Table): Table {
  return table.tables === undefined ? table : child(table, table.tables - 1, table.line);
}

function child(table: Table, key: string | number, line: number): Table {
  const known = table.members.get(key);
  if (known) return known;
  const made: Table = { line, members: new Map() };
  table.members.set(key, made);
  return made;
}
