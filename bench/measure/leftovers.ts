import { globSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestEngine } from '../../test/fixtures/engine.ts';
import { getJob } from '../../test/fixtures/jobs.ts';
import type { TestServer } from '../../test/fixtures/server.ts';

/** Ids of all containers, also of those that ended. */
export async function containers(engine: TestEngine): Promise<string[]> {
  return linesOf(await engine.docker('ps', '--all', '--quiet'));
}

/** Folders of the checkouts of builds that go on, and of dead ones. */
export function checkouts({ data }: TestServer): Promise<string[]> {
  return readdir(join(data, 'sources', 'checkouts')).catch(() => []);
}

/** What the RUN containers of attempts lived in, on this machine. */
export async function controlGroups(server: TestServer): Promise<string[]> {
  const answer = await server.request('/jobs?status=completed&limit=1');
  const [newest = ''] = Object.keys((await answer.json()) as object);
  const store = (await getJob(server, newest)).image?.labels['docker-builder.store'] ?? '';
  return globSync(`/sys/fs/cgroup{/*,}/docker-builder/${store}/*/`);
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
