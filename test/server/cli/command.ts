import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { baseEnv } from '../../fixtures/server.ts';

const main = fileURLToPath(new URL('../../../server/main.js', import.meta.url));

export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs `docker-builder …` in a folder, to its end. */
export function command(folder: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return run(main, folder, args, { ...baseEnv(), ...env });
}

/** Runs git in a folder as nobody in particular. Throws where it refuses. */
export async function git(folder: string, ...args: string[]): Promise<void> {
  const env = {
    ...baseEnv(),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
  };
  const { code, err } = await run('git', folder, args, env);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${err}`);
}

function run(program: string, cwd: string, args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd, env, timeout: 60_000 }, (error, out, err) => {
      if (error && child.exitCode === null) reject(new Error(`${program} did not end`, { cause: error }));
      else resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}
