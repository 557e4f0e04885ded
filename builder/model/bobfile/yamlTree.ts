import { isAlias, isMap, isPair, isScalar, isSeq, type ParsedNode } from 'yaml';
import { shown } from '../shown.ts';
import {
  type FileNode,
  type FilePlace,
  type FileTable,
  FormatError,
  maxDepth,
  maxNodes,
  memberPlace,
  type Scalar,
  tooMuch,
} from './fileNode.ts';

/**
 * The values of a parsed YAML text. An alias is what its anchor is; `<<` puts the members of another table behind the
 * table's own. Throws a FormatError where keys are no texts or are there twice, and where there are too many values.
 */
export function yamlTree(contents: unknown, lineAt: (offset: number) => number): FileNode {
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  let nodes = 0;

  function convert(raw: unknown, at: FilePlace, depth: number): FileNode {
    nodes += 1;
    if (depth > maxDepth || nodes > maxNodes) throw new FormatError(tooMuch, at.line);
    if (raw === null || raw === undefined) return { ...at, kind: 'nothing' };
    const node = raw as ParsedNode;
    if (isAlias(node)) return convert(targetOf(node.source, at.line), at, depth);
    // In the file's order: an alias means the last anchor of its name before it.
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    open.add(node);
    const made = convertOne(node, at, depth);
    open.delete(node);
    return made;
  }

  function targetOf(name: string, line: number): ParsedNode {
    const node = anchors.get(name);
    if (!node) throw new FormatError(`has an alias ${shown(name)} without an anchor before it`, line);
    if (open.has(node))
      throw new FormatError(`has an alias ${shown(name)} inside of what it stands for`, line);
    return node;
  }

  function convertOne(node: unknown, at: FilePlace, depth: number): FileNode {
    if (isScalar(node)) return { ...at, ...scalar(node.value) };
    if (isMap(node)) return { ...at, kind: 'table', members: convertMembers(node.items, at, depth) };
    const items = isSeq(node) ? node.items : [];
    const placed = items.map((item, i): [unknown, FilePlace] => [
      item,
      { line: lineOf(item) ?? at.line, place: `${at.place}[${i}]` },
    ]);
    return { ...at, kind: 'list', items: placed.map(([item, place]) => convert(item, place, depth + 1)) };
  }

  function convertMembers(pairs: readonly unknown[], at: FilePlace, depth: number): FileTable {
    const members = new Map<string, FileNode>();
    const merged: FileNode[] = [];
    for (const pair of pairs) {
      if (!isPair(pair)) continue;
      const line = lineOf(pair.key) ?? at.line;
      const key = keyOf(pair.key, line);
      if (members.has(key)) throw new FormatError(`has the key ${shown(key)} twice in one table`, line);
      const isMerge = key === '<<';
      const place = isMerge ? at.place : memberPlace(at.place, key);
      const member = convert(pair.value, { line, place }, depth + 1);
      if (isMerge) merged.push(member);
      else members.set(key, member);
    }
    for (const member of merged) addMerged(members, member);
    return members;
  }

  function lineOf(node: unknown): number | undefined {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    return range ? lineAt(range[0]) : undefined;
  }

  return convert(contents, { line: 1, place: '' }, 0);
}

function keyOf(key: unknown, line: number): string {
  if (isScalar(key) && typeof key.value === 'string') return key.value;
  throw new FormatError('has a key that is not a text: write it in quotes', line);
}

/** What a table has itself is stronger, and what is merged first. */
function addMerged(members: Map<string, FileNode>, node: FileNode): void {
  const tables = node.kind === 'list' ? node.items : [node];
  for (const table of tables) {
    if (table.kind !== 'table') throw new FormatError('has a "<<" of something else than tables', node.line);
    for (const [key, member] of table.members) if (!members.has(key)) members.set(key, member);
  }
}

function scalar(value: unknown): Scalar {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { kind: 'number', number: Number(value) };
  return typeof value === 'boolean' ? { kind: 'flag', flag: value } : { kind: 'nothing' };
}
