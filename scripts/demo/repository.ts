import { execFile } from 'node:child_process';
import { chmod, copyFile, cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const example = path.join(import.meta.dirname, '../../examples/hello');

/** The same author and time whenever it is made, so that the same files always are the same commit. */
const identity = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'docker-builder'],
    [`GIT_${who}_EMAIL`, 'demo@example.invalid'],
    [`GIT_${who}_DATE`, '2026-01-01T00:00:00Z'],
  ]),
);

/** Makes `folder/examples/hello.git`, a bare repository of examples/hello and a busybox, with one commit on main. */
export async function makeRepository(folder: string, busybox: string): Promise<void> {
  const work = path.join(folder, 'work');
  await cp(example, work, { recursive: true });
  await copyFile(busybox, path.join(work, 'busybox'));
  await chmod(path.join(work, 'busybox'), 0o755);
  await git('init', '--quiet', '--initial-branch=main', work);
  await git('-C', work, 'add', '--all');
  await git('-C', work, 'commit', '--quiet', '--message=An example');
  await git('clone', '--quiet', '--bare', work, path.join(folder, 'examples/hello.git'));
}

async function git(...args: string[]): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...identity,
  };
  await promisify(execFile)('git', args, { env });
}
