import { type FileNode, isEmpty } from './fileNode.ts';
import type { ContainerKey, Entry } from './keys.ts';

const dockercfg: readonly ContainerKey[] = ['dockercfg_un', 'dockercfg_pass', 'dockercfg_email'];

/**
 * What a container says, with what the globals say where it says nothing. Tables (`build_args`, `labels` …) are filled
 * key by key; `skip_push` holds where either says so; an own credential is not mixed with one of the other kind.
 */
export function fillFrom(globals: Entry, own: Entry): Entry {
  const filled = new Map(withContent(own));
  const isForeign = credentialsApart(filled);
  for (const [key, node] of withContent(globals)) {
    const said = filled.get(key);
    if (!said && !isForeign(key)) filled.set(key, node);
    else if (said?.kind === 'table' && node.kind === 'table')
      filled.set(key, { ...said, members: new Map([...node.members, ...said.members]) });
    else if (key === 'skip_push' && node.kind === 'flag' && node.flag) filled.set(key, node);
  }
  return filled;
}

/** An empty `depends` says something: that the image waits for none. */
function withContent(entry: Entry): [ContainerKey, FileNode][] {
  return [...entry].filter(([key, node]) => !isEmpty(node) || (key === 'depends' && node.kind === 'list'));
}

function credentialsApart(own: Entry): (key: ContainerKey) => boolean {
  const hasPair = own.has('credentials');
  const hasParts = dockercfg.some((key) => own.has(key));
  return (key) => (hasPair && dockercfg.includes(key)) || (hasParts && key === 'credentials');
}
