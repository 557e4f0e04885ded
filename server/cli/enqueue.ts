import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { StartError } from '../startError.ts';
import { asksForHelp, readArguments } from './arguments.ts';
import { askServer } from './askServer.ts';
import { askGit, originOf } from './workTree.ts';

const enqueueUsage = `docker-builder enqueue [Bobfile] [--host http://localhost:5000]

Asks a server to build the branch that is checked out here, as its remote "origin" has it. The
server is --host, else DOCKER_BUILDER_HOST; the credential DOCKER_BUILDER_TOKEN, else user and
password of the address. Prints the job. Changes must be committed; they are not pushed.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** Does `enqueue`. Throws a UsageError, or a StartError with what stands in the way or what the server refuses. */
export async function runEnqueue(args: readonly string[], env: Environment): Promise<void> {
  if (asksForHelp(args)) return void process.stdout.write(enqueueUsage);
  const { values, words } = readArguments(args, ['host'], ['[Bobfile]']);
  const host = values.host ?? (env['DOCKER_BUILDER_HOST'] || 'http://localhost:5000');
  const ask = askServer(host, env['DOCKER_BUILDER_TOKEN'] || undefined);
  const root = await askGit('.', 'rev-parse', '--show-toplevel');
  if (root === undefined) throw new StartError('this folder is in no git repository');
  const ref = await branchOf(root);
  await checkChanges(root, ref);
  const origin = await originOf(root);
  if (!origin) throw new StartError('the remote "origin" names no account and repository');
  const bobfile = words[0] === undefined ? undefined : await pathIn(root, words[0]);
  const job = await ask('POST', 'docker-build', {
    ...origin,
    ref,
    ...(bobfile !== undefined && { bobfile }),
  });
  process.stdout.write(`${JSON.stringify(job, undefined, 2)}\n`);
}

async function branchOf(root: string): Promise<string> {
  const branch = await askGit(root, 'symbolic-ref', '--short', '--quiet', 'HEAD');
  if (branch === undefined)
    throw new StartError('no branch is checked out here: the server is asked for one');
  return branch;
}

/** The server builds what the remote has: what only this folder has is refused, or told. */
async function checkChanges(root: string, branch: string): Promise<void> {
  const changes = await askGit(root, 'status', '--porcelain', '--untracked-files=no');
  if (changes !== '') throw new StartError('there are changes that are not committed: commit or stash them');
  const counts = await askGit(root, 'rev-list', '--left-right', '--count', '@{upstream}...HEAD');
  if (counts === undefined) return warn(`${branch} follows no branch of a remote: push it first`);
  const [behind = 0, ahead = 0] = counts.split(/\s+/).map(Number);
  if (behind > 0 && ahead > 0)
    throw new StartError(`${branch} and its remote have diverged: merge or rebase`);
  if (behind > 0) warn(`${branch} is ${behind} commits behind its remote: pull to see what is built`);
  if (ahead > 0) warn(`${branch} is ${ahead} commits ahead of its remote, which are not built: push them`);
}

/** A path of this folder as one of the repository. */
async function pathIn(root: string, path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new StartError(`there is no file ${path}`);
  const inside = relative(root, resolve(path));
  if (inside.startsWith('..')) throw new StartError(`${path} is not in the repository`);
  return inside;
}

function warn(sentence: string): void {
  process.stderr.write(`docker-builder: ${sentence}\n`);
}
