import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestPostgres } from '../../../test/fixtures/postgres.ts';

const program = fileURLToPath(new URL('../../queueWorker.ts', import.meta.url));

export interface Racer {
  queue: string;
  processes: number;
  wishes?: object;
}

/** How many jobs a second the processes of a queue do together, in a database that was filled. */
export async function jobsPerSecond(url: string, racer: Racer, milliseconds: number): Promise<number> {
  const args = [racer.queue, url, JSON.stringify(racer.wishes ?? {})];
  const children = Array.from({ length: racer.processes }, () => fork(program, args));
  try {
    await Promise.all(children.map(heard));
    const figures = Promise.all(children.map(heard));
    for (const child of children) child.send(milliseconds);
    const each = (await figures) as number[];
    const gone = children.map((child) => once(child, 'exit'));
    for (const child of children) child.send('stop');
    await Promise.all(gone);
    return each.reduce((sum, figure) => sum + figure, 0);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function heard(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const ended = once(child, 'exit', { signal: stop.signal }).then(() => {
    throw new Error(`a worker ended with ${child.exitCode}`);
  });
  const message = once(child, 'message', { signal: stop.signal }).then(([said]: unknown[]) => said);
  try {
    return await Promise.race([message, ended]);
  } finally {
    stop.abort();
    await Promise.allSettled([ended, message]);
  }
}

/** The address of a new database. */
export async function databaseFor(postgres: TestPostgres, name: string): Promise<string> {
  await postgres.script(`CREATE DATABASE ${name}`);
  return postgres.urlOf(name);
}
