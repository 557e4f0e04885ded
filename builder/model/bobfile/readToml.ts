import { parse, TomlError } from 'smol-toml';
import {
  type FileNode,
  type FilePlace,
  FormatError,
  maxDepth,
  maxNodes,
  memberPlace,
  type Scalar,
  tooMuch,
} from './fileNode.ts';
import { type LineTree, readTomlLines } from './tomlLines.ts';

/** Reads a TOML text. Throws a FormatError where it is none. */
export function readToml(text: string): FileNode {
  const value = parseToml(text);
  let nodes = 0;

  function convert(raw: unknown, lines: LineTree | undefined, above: FilePlace, depth: number): FileNode {
    const at: FilePlace = { line: lines?.line ?? above.line, place: above.place };
    nodes += 1;
    if (depth > maxDepth || nodes > maxNodes) throw new FormatError(tooMuch, at.line);
    const inner = (key: string | number, member: unknown): FileNode => {
      const place = typeof key === 'number' ? `${at.place}[${key}]` : memberPlace(at.place, key);
      return convert(member, lines?.members.get(key), { ...at, place }, depth + 1);
    };
    if (Array.isArray(raw)) return { ...at, kind: 'list', items: raw.map((item, i) => inner(i, item)) };
    if (typeof raw !== 'object' || raw === null || raw instanceof Date) return { ...at, ...scalar(raw) };
    const entries = Object.entries(raw).map(([key, member]) => [key, inner(key, member)] as const);
    return { ...at, kind: 'table', members: new Map(entries) };
  }

  return convert(value, readTomlLines(text), { line: 1, place: '' }, 0);
}

function parseToml(text: string): unknown {
  try {
    return parse(text, { maxDepth });
  } catch (error) {
    if (!(error instanceof TomlError)) throw new FormatError('cannot be read as TOML', 1);
    const [, sentence = 'it cannot be read'] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
    throw new FormatError(`is not valid TOML here: ${sentence}`, error.line);
  }
}

function scalar(raw: unknown): Scalar {
  if (typeof raw === 'string') return { kind: 'text', text: raw };
  if (typeof raw === 'number') return { kind: 'number', number: raw };
  return typeof raw === 'boolean' ? { kind: 'flag', flag: raw } : { kind: 'date' };
}
