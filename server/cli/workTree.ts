import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patienceMs = 30_000;
const mostOutputBytes = 16 * 1024 * 1024;

/** What a local git says of a folder, without blanks around it; undefined where it refuses, or there is none. */
export async function askGit(folder: string, ...args: string[]): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
  const limits = { timeout: patienceMs, maxBuffer: mostOutputBytes };
  try {
    return (await run('git', ['-C', folder, ...args], { env, ...limits })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** Account and repository that the folder was cloned from, by the address of its remote `origin`. */
export async function originOf(folder: string): Promise<{ account: string; repo: string } | undefined> {
  const address = await askGit(folder, 'remote', 'get-url', 'origin');
  return address === undefined ? undefined : namesIn(address);
}

/** Of `https://host/account/repo.git`, or of ssh's `user@host:account/repo`. */
function namesIn(address: string): { account: string; repo: string } | undefined {
  const path = /^(?:https?|ssh|git):\/\//i.test(address)
    ? URL.parse(address)?.pathname
    : /^(?:[^@/:]+@)?[^/:]+:(.+)$/.exec(address)?.[1];
  const parts = (path ?? '').split('/').filter((part) => part !== '');
  const repo = parts.pop()?.replace(/\.git$/, '');
  return repo === undefined || parts.length === 0 ? undefined : { account: parts.join('/'), repo };
}
