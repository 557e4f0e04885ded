import type { Git, GitScope } from './git.ts';

export interface Submodule {
  /** Below the root of its parent, as git checked it. */
  path: string;
  /** As `.gitmodules` says, perhaps relative. */
  url: string;
  /** The commit that the parent pins. */
  commit: string;
}

/** The submodules of a commit that `.gitmodules` describes; those with `update = none` are left out. */
export async function submodulesOf(git: Git, scope: GitScope, commit: string): Promise<Submodule[]> {
  const file = await listEntries(git, scope, commit, ['.gitmodules']);
  if (file.get('.gitmodules')?.type !== 'blob') return [];
  const described = await readDescriptions(git, scope, `${commit}:.gitmodules`);
  const paths = [...described.keys()];
  const entries =
    paths.length === 0 ? new Map<string, Entry>() : await listEntries(git, scope, commit, paths);
  return [...described].flatMap(([path, url]) => {
    const entry = entries.get(path);
    return entry?.type === 'commit' ? [{ path, url, commit: entry.id }] : [];
  });
}

interface Entry {
  type: string;
  id: string;
}

async function listEntries(
  git: Git,
  scope: GitScope,
  commit: string,
  paths: readonly string[],
): Promise<Map<string, Entry>> {
  const command = ['ls-tree', '-z', '--full-tree', commit, '--', ...paths];
  const listed = await git.run(scope, (repository) => repository.raw(command));
  const lines = listed.split('\0').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [head = '', path = ''] = line.split('\t');
      const [, type = '', id = ''] = head.split(' ');
      return [path, { type, id }];
    }),
  );
}

/** The addresses by path. */
async function readDescriptions(git: Git, scope: GitScope, blob: string): Promise<Map<string, string>> {
  const command = ['config', '--blob', blob, '-z', '--get-regexp', '^submodule\\..*\\.(path|url|update)$'];
  const listed = await git.run(scope, (repository) => repository.raw(command));
  const values = new Map(listed.split('\0').map((pair) => splitAt(pair, '\n')));
  const names = [...values.keys()].flatMap((key) =>
    key.endsWith('.path') ? [key.slice(0, -'.path'.length)] : [],
  );
  return new Map(
    names.flatMap((name) => {
      const path = values.get(`${name}.path`);
      const url = values.get(`${name}.url`);
      const wanted = path !== undefined && url !== undefined && values.get(`${name}.update`) !== 'none';
      return wanted ? [[path, url] as const] : [];
    }),
  );
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
