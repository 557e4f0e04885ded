import { shown } from '../shown.ts';
import { type FileNode, type FileTable, isEmpty } from './fileNode.ts';
import { fillFrom } from './fill.ts';
import { containerKeys, type Entry, entryOf, globalKeys, knownMembers } from './keys.ts';
import type { Container } from './names.ts';
import type { DockerOptions } from './options.ts';
import type { Report } from './report.ts';
import { listItems, tableMembers, textNodes } from './values.ts';

/** The parts of a file, of whatever version. */
export interface Layout {
  docker: DockerOptions;
  containers: Container[];
}

const mostContainers = 100;
const mostOptions = 20;
/** Of one table; each unknown one is compared with all known. */
const mostKeys = 50;
const noContainers =
  'must have at least one container: [[container]] in TOML, a list "container" in JSON and YAML';
const buildOptions = ['--force-rm', '--no-cache', '--pull', '-q', '--quiet', '--no-rm', '--rm'];
const tagOptions = ['-f', '--force'];

/** Finds the containers of a file, filled with its globals. */
export function readLayout(root: FileNode, report: Report): Layout {
  const isOld =
    root.kind === 'table' &&
    !root.members.has('container') &&
    root.members.get('containers')?.kind === 'table';
  const members = tableMembers(root, 'with the key container', mostKeys, report);
  return isOld ? readOldLayout(members, report) : readNewLayout(members, root, report);
}

function readNewLayout(members: FileTable, root: FileNode, report: Report): Layout {
  const known = knownMembers(members, ['version', 'docker', 'container_globals', 'container'], report);
  checkVersion(known.get('version'), report);
  const globals = globalsOf(known.get('container_globals'), report);
  const list = known.get('container');
  const items = listItems(list, 'of tables', mostContainers, report);
  const isMissing = list
    ? list.kind === 'list' && list.items.length === 0
    : root.kind === 'table' || isEmpty(root);
  if (isMissing) report.say(list ?? { place: '' }, noContainers);
  return {
    docker: readDocker(known.get('docker'), report),
    containers: items.flatMap((item) => containerOf(item, globals, report) ?? []),
  };
}

/** Version 0: a table from names to containers, of which `global` is the globals. */
function readOldLayout(members: FileTable, report: Report): Layout {
  const known = knownMembers(members, ['version', 'docker', 'containers'], report);
  checkVersion(known.get('version'), report);
  const table = known.get('containers');
  const all = [...tableMembers(table, 'of containers', mostContainers + 1, report)];
  const globals = globalsOf(all.find(([key]) => key === 'global')?.[1], report);
  // Names that are numbers lost their place among the others.
  const named = all.filter(([key]) => key !== 'global').toSorted(([, a], [, b]) => a.line - b.line);
  if (table)
    report.note(table, 'is of version 0 of this file; [[container]] with a name is its form since version 1');
  if (named.length === 0) report.say(table ?? { place: '' }, noContainers);
  return {
    docker: readDocker(known.get('docker'), report),
    containers: named.flatMap(([key, node]) => containerOf(node, globals, report, key) ?? []),
  };
}

function containerOf(node: FileNode, globals: Entry, report: Report, key?: string): Container | undefined {
  if (node.kind !== 'table') {
    report.say(node, 'must be a table with a Dockerfile, tags …; an entry without content is none');
    return undefined;
  }
  const { line, place } = node;
  const members = tableMembers(node, 'of what the container is', mostKeys, report);
  const entry = fillFrom(globals, entryOf(members, containerKeys, report));
  return { at: { line, place }, entry, ...(key !== undefined && { key }) };
}

function globalsOf(node: FileNode | undefined, report: Report): Entry {
  return entryOf(tableMembers(node, 'of what all containers have', mostKeys, report), globalKeys, report);
}

function checkVersion(node: FileNode | undefined, report: Report): void {
  if (!node || (node.kind === 'number' && [0, 1].includes(node.number))) return;
  report.say(node, 'must be 1 (or 0, of old files), without quotes');
}

function readDocker(node: FileNode | undefined, report: Report): DockerOptions {
  const members = tableMembers(node, 'of build_opts and tag_opts', mostKeys, report);
  const known = knownMembers(members, ['build_opts', 'tag_opts'], report);
  const build = readFlags(known.get('build_opts'), buildOptions, report);
  readFlags(known.get('tag_opts'), tagOptions, report);
  return { noCache: build.includes('--no-cache'), pull: build.includes('--pull') };
}

function readFlags(node: FileNode | undefined, allowed: readonly string[], report: Report): string[] {
  const found = textNodes(node, mostOptions, report);
  for (const one of found)
    if (!allowed.includes(one.text))
      report.say(
        one,
        `${shown(one.text)} is not known; allowed are ${allowed.join(', ')}. All else is said by keys of the container`,
      );
  return found.map(({ text }) => text);
}
