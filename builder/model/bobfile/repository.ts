import { dockerHub, parseImageReference } from '../imageReference.ts';
import { shown } from '../shown.ts';
import type { FilePlace } from './fileNode.ts';
import type { Entry } from './keys.ts';
import type { Report } from './report.ts';
import { textNode } from './values.ts';

const partRule = 'small letters and digits with single ".", "_" or "-" between them';

/** `registry` and `project` as the name of an image, without a tag; undefined where there is no registry. */
export function readRepository(entry: Entry, at: FilePlace, report: Report): string | undefined {
  const registry = textNode(entry.get('registry'), report);
  const project = textNode(entry.get('project'), report);
  if (!registry) return undefined;
  if (!entry.has('project'))
    report.say(at, "must have a project beside its registry: together they are the image's name");
  if (!project) return undefined;
  const name = `${registry.text}/${project.text}`;
  const problem = registryProblem(registry.text) ?? officialProblem(name);
  if (problem !== undefined) report.say(registry, problem);
  if (!isPlain(`x/${project.text}`))
    report.say(project, `${shown(project.text)} must be ${partRule}; "/" may be between such names`);
  else if (problem === undefined && !isPlain(name))
    report.say(project, 'must be shorter: registry and project are together too long for a name');
  return name;
}

function registryProblem(registry: string): string | undefined {
  // An address may hold a password, which must not be told.
  if (registry.includes('@')) return 'must not have a user or a password in it: use credentials';
  if (registry.includes('://')) return `${shown(registry)} must be without a scheme, such as quay.io/acme`;
  if (isPlain(`${registry}/x`)) return undefined;
  return `${shown(registry)} must be a host, an account of Docker Hub, or a host with an account, such as quay.io/acme; accounts are ${partRule}`;
}

function officialProblem(name: string): string | undefined {
  const { host, path = '' } = parseImageReference(name) ?? {};
  if (host !== dockerHub || !path.startsWith('library/')) return undefined;
  return 'must name an account of Docker Hub, such as "acme": what is in none is Docker\'s own (library)';
}

/** Whether a text is an image's name without tag and digest. */
function isPlain(name: string): boolean {
  return parseImageReference(name)?.name === name;
}
