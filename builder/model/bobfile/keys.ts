import { nearestWord } from '../nearestWord.ts';
import type { FileNode, FileTable } from './fileNode.ts';
import type { Report } from './report.ts';

/** What a container may say; globals have no `name` and no `depends`. */
export const containerKeys = [
  'name',
  'Dockerfile',
  'registry',
  'project',
  'tags',
  'skip_push',
  'dockercfg_un',
  'dockercfg_pass',
  'dockercfg_email',
  'credentials',
  'target',
  'build_args',
  'context',
  'platforms',
  'builder',
  'secrets',
  'ssh',
  'cache',
  'labels',
  'depends',
  'no_cache',
  'pull',
] as const;
export type ContainerKey = (typeof containerKeys)[number];

/** What an image is made of, by its keys' proper spelling. */
export type Entry = ReadonlyMap<ContainerKey, FileNode>;

export const globalKeys = containerKeys.filter((key) => key !== 'name' && key !== 'depends');

/** Known to the original until its version 0.7. */
const withoutEffect = new Set(['included', 'excluded']);

/** The members of a table by the known spelling of their keys, in any case, as in the original. Others are reported. */
export function knownMembers<K extends string>(
  members: FileTable,
  keys: readonly K[],
  report: Report,
): Map<K, FileNode> {
  const known = new Map<K, FileNode>();
  for (const [written, node] of members) {
    const key = keys.find((one) => one.toLowerCase() === written.toLowerCase());
    if (key === undefined) report.say(node, `is not known; ${adviceFor(written, keys)}`);
    else if (known.has(key)) report.say(node, `is there twice: ${key} is one key in any case`);
    else known.set(key, node);
  }
  return known;
}

/** The same for a container or the globals, whose old keys are only told. */
export function entryOf(members: FileTable, keys: readonly ContainerKey[], report: Report): Entry {
  const rest = new Map(members);
  for (const [key, node] of members) {
    if (!withoutEffect.has(key)) continue;
    report.note(node, 'has no effect: .dockerignore says what is left out of a context');
    rest.delete(key);
  }
  return knownMembers(rest, keys, report);
}

function adviceFor(written: string, keys: readonly string[]): string {
  const nearest = nearestWord(written, keys);
  return nearest === undefined ? `allowed are ${keys.join(', ')}` : `did you mean ${nearest}?`;
}
