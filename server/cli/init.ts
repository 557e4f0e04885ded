import { stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { imageName } from '../../builder/model/imageName.ts';
import { StartError } from '../startError.ts';
import { asksForHelp, readArguments } from './arguments.ts';
import { askGit, originOf } from './workTree.ts';

const initUsage = `docker-builder init [folder=.]

Writes a Bobfile for the Dockerfile of a folder, which may then be edited. Where there is one, it is
kept and the new one is called Bobfile.<seconds>.
`;

/** Does `init`. Throws a UsageError, or a StartError where there is no Dockerfile or nothing can be written. */
export async function runInit(args: readonly string[]): Promise<void> {
  if (asksForHelp(args)) return void process.stdout.write(initUsage);
  const [folder = '.'] = readArguments(args, [], ['[folder]']).words;
  const dockerfile = await stat(join(folder, 'Dockerfile')).catch(() => undefined);
  if (!dockerfile?.isFile()) throw new StartError(`there is no Dockerfile in ${folder}: write one first`);
  const path = await writeNew(folder, await bobfileFor(folder));
  process.stdout.write(`wrote ${path}: see that registry and project are right\n`);
}

async function bobfileFor(folder: string): Promise<string> {
  const isRepository = (await askGit(folder, 'rev-parse', '--is-inside-work-tree')) === 'true';
  const origin = isRepository ? await originOf(folder) : undefined;
  const parts = imageName(origin?.account ?? 'my-registry', basename(resolve(folder)) || 'app').split('/');
  const project = parts.pop() ?? '';
  const tags = ['latest', ...(isRepository ? ['{{ branch }}', '{{ sha }}', '{{ tag }}'] : [])];
  return `# All keys: docs/bobfile.md of docker-builder. \`docker-builder lint\` checks this file.
version = 1

[[container]]
name = ${JSON.stringify(project)}
Dockerfile = "Dockerfile"
# An account of Docker Hub, or a registry with one: "quay.io/acme".
registry = ${JSON.stringify(parts.join('/'))}
project = ${JSON.stringify(project)}
tags = [${tags.map((tag) => JSON.stringify(tag)).join(', ')}]
`;
}

/** Never touches a file that is there. */
async function writeNew(folder: string, text: string): Promise<string> {
  const names = ['Bobfile', `Bobfile.${Math.floor(Date.now() / 1000)}`];
  for (const name of names) {
    const path = join(folder, name);
    try {
      await writeFile(path, text, { flag: 'wx' });
      return path;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new StartError(`${path} cannot be written: ${message}`, { cause: error });
    }
  }
  throw new StartError(`${names.join(' and ')} are there already`);
}
