import { type Heredocs, findHeredocs } from './heredocs.ts';
import { type Escape, wordEnd } from './words.ts';

/** One instruction of a Dockerfile, its lines joined. */
export interface Instruction {
  /** Upper case. */
  name: string;
  /** What stands before its arguments: `--from=x`, without quotes. */
  flags: readonly Flag[];
  /** The arguments as one text. */
  args: string;
  /** Where it begins, from 1. */
  line: number;
  hasHeredoc: boolean;
}

export interface Flag {
  name: string;
  value: string;
}

export interface Instructions {
  list: readonly Instruction[];
  /** Of the directive `# syntax=`. */
  syntax?: string;
  /** Where the directive stands, from 1. */
  syntaxLine?: number;
  escape: Escape;
}

const directive = /^\s*#\s*([a-z][a-z0-9]*)\s*=\s*(\S.*)$/i;

/** Cuts a Dockerfile into its instructions as Docker's parser does. Says nothing about what is wrong with them. */
export function parseInstructions(text: string): Instructions {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const directives = readDirectives(lines);
  const heredocs = findHeredocs(lines);
  const list: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    const start = at;
    if (isEmptyOrComment(lines[at])) {
      at += 1;
      continue;
    }
    const { joined, next } = joinLines(lines, at, directives.escape);
    const instruction = parse(joined, directives.escape);
    at = bodiesEnd(instruction, next, heredocs, directives.escape);
    list.push({ ...instruction, line: start + 1, hasHeredoc: at > next });
  }
  return { list, ...directives };
}

/** They stand at the top: the first line that is none ends them. */
function readDirectives(lines: readonly string[]): Pick<Instructions, 'syntax' | 'syntaxLine' | 'escape'> {
  const found: Pick<Instructions, 'syntax' | 'syntaxLine' | 'escape'> = { escape: '\\' };
  for (const [i, line] of lines.entries()) {
    if (i === 0 && line.startsWith('#!')) continue;
    const [, name = '', value = ''] = directive.exec(line) ?? [];
    if (name === '') break;
    const [word = ''] = value.split(/\s/, 1);
    if (name.toLowerCase() === 'escape' && word === '`') found.escape = word;
    if (name.toLowerCase() === 'syntax') Object.assign(found, { syntax: word, syntaxLine: i + 1 });
  }
  return found;
}

function isEmptyOrComment(line = ''): boolean {
  const text = line.trimStart();
  return text === '' || text.startsWith('#');
}

/** A line and all that it goes on with; empty lines and comments between them do not count. */
function joinLines(lines: readonly string[], from: number, escape: Escape): { joined: string; next: number } {
  const parts: string[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isEmptyOrComment(line)) continue;
    const end = lineEnd(line);
    const goesOn = line.charAt(end - 1) === escape && line.charAt(end - 2) !== escape;
    parts.push(goesOn ? line.slice(0, end - 1) : line);
    if (!goesOn) break;
  }
  return { joined: parts.join('').trim(), next: Math.min(at + 1, lines.length) };
}

/** Without the blanks at the end of a line. */
function lineEnd(line: string): number {
  let end = line.length;
  while (line.charAt(end - 1) === ' ' || line.charAt(end - 1) === '\t') end--;
  return end;
}

function parse(joined: string, escape: Escape): Pick<Instruction, 'name' | 'flags' | 'args'> {
  const end = joined.search(/\s/);
  const name = end < 0 ? joined : joined.slice(0, end);
  const args = end < 0 ? '' : joined.slice(end).trimStart();
  const flags: Flag[] = [];
  let at = 0;
  while (args.startsWith('--', at)) {
    const wordStop = wordEnd(args, at, escape);
    flags.push(flagOf(args.slice(at, wordStop)));
    at = wordStop;
    while (/\s/.test(args.charAt(at))) at++;
  }
  return { name: name.toUpperCase(), flags, args: args.slice(at) };
}

function flagOf(word: string): Flag {
  const [name = '', ...value] = word.slice('--'.length).split('=');
  return { name: name.toLowerCase(), value: value.join('=').replaceAll(/["']/g, '') };
}

/** Where the text goes on behind the bodies of an instruction's heredocs. */
function bodiesEnd(
  { name, args }: Pick<Instruction, 'name' | 'args'>,
  from: number,
  heredocs: Heredocs,
  escape: Escape,
): number {
  const inner = name === 'ONBUILD' ? parse(args, escape) : { name, args };
  return /^(?:RUN|COPY|ADD)$/.test(inner.name) ? heredocs.end(inner.args, from) : from;
}
