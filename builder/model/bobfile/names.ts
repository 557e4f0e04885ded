import { shown } from '../shown.ts';
import type { FilePlace } from './fileNode.ts';
import type { Entry } from './keys.ts';
import type { Report } from './report.ts';
import { shapedText } from './values.ts';

/** A container of the file with what it says itself and what the globals fill in. */
export interface Container {
  at: FilePlace;
  entry: Entry;
  /** In files of version 0 the key. */
  key?: string;
}

const nameShape = /^[^\s\p{C}](?:[^\p{C}]{0,98}[^\s\p{C}])?$/u;
const rule = 'must be a name of 1 to 100 printable characters';

/** A name for each container: its own, else its project where no other has that name, else `container-<n>`. */
export function readNames(containers: readonly Container[], report: Report): string[] {
  const own = containers.map((container) => ownName(container, report));
  const taken = new Set(own.filter((name) => name !== undefined));
  const names = own.map((name, i) => name ?? derived(containers[i]?.entry, i, taken));
  for (const [i, name] of names.entries()) {
    const first = containers[names.indexOf(name)];
    const { at, entry } = containers[i] ?? {};
    if (first && at && names.indexOf(name) < i)
      report.say(
        entry?.get('name') ?? at,
        `must have another name: ${shown(name)} is that of ${first.at.place}`,
      );
  }
  return names;
}

function ownName({ at, entry, key }: Container, report: Report): string | undefined {
  const name = shapedText(entry.get('name'), nameShape, rule, report);
  if (name === undefined && key !== undefined && !nameShape.test(key)) report.say(at, rule);
  return name ?? key;
}

function derived(entry: Entry | undefined, index: number, taken: Set<string>): string {
  const project = entry?.get('project');
  const name =
    project?.kind === 'text' && nameShape.test(project.text) && !taken.has(project.text)
      ? project.text
      : `container-${index + 1}`;
  taken.add(name);
  return name;
}
