import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestEngine } from '../../test/fixtures/engine.ts';
import { timed } from './pairs.ts';
import { runProgram } from './program.ts';

export interface ByHand {
  engine: TestEngine;
  /** Where git clones from. */
  url: string;
  tag: string;
  labels?: Readonly<Record<string, string>>;
}

/** What a person would type: `git clone`, then `docker build` with its output kept. Gives the milliseconds of both. */
export async function buildByHand(build: ByHand): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'dbb-'));
  try {
    return await timed(() => cloneAndBuild(build, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function cloneAndBuild({ engine, url, tag, labels = {} }: ByHand, folder: string): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' };
  const checkout = join(folder, 'checkout');
  await runProgram('git', ['clone', '--quiet', url, checkout], { env });
  const labelArgs = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const log = openSync(join(folder, 'build.log'), 'w');
  try {
    await runProgram('docker', ['build', '--tag', tag, ...labelArgs, checkout], { env, into: log });
  } finally {
    closeSync(log);
  }
}
