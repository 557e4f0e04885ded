import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What one git was started with. */
export interface GitCall {
  arguments: string[];
  environment: string;
}

/** Stands on PATH before the real git, writes down how it is called, and then becomes it. */
export interface GitWitness {
  /** For the server. */
  env: { PATH: string };
  calls(): Promise<GitCall[]>;
  /** A path that a successful attack would make. */
  marker: string;
  wasMarked(): boolean;
  close(): Promise<void>;
}

export async function openGitWitness(): Promise<GitWitness> {
  const folder = await mkdtemp(join(tmpdir(), 'witness-'));
  const records = join(folder, 'records');
  const marker = join(folder, 'marker');
  const { stdout } = await run('which', ['git']);
  await mkdir(join(folder, 'bin'));
  await mkdir(records);
  const script = `#!/bin/sh
record=$(mktemp -d '${folder}/XXXXXXXX')
printf '%s\\0' "$@" > "$record/arguments"
env -0 > "$record/environment"
mv "$record" '${records}'
exec ${stdout.trim()} "$@"
`;
  await writeFile(join(folder, 'bin', 'git'), script);
  await chmod(join(folder, 'bin', 'git'), 0o755);
  return {
    env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    marker,
    wasMarked: () => existsSync(marker),
    calls: () => readCalls(records),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readCalls(records: string): Promise<GitCall[]> {
  const names = await readdir(records);
  return Promise.all(
    names.map(async (name) => ({
      arguments: (await readFile(join(records, name, 'arguments'), 'utf8')).split('\0').slice(0, -1),
      environment: await readFile(join(records, name, 'environment'), 'utf8'),
    })),
  );
}
