import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { addAbortListener } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { RegistryCredential } from '../../model/access.ts';
import { BuildFault } from '../../model/faults.ts';
import { asRecord, asText } from '../engine/answers.ts';

export interface HelperOptions {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

const deadlineMs = 30_000;
const maxCharacters = 64 * 1024;
const safeName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** Stands for the user where the secret is an identity token. */
const tokenUser = '<token>';

/**
 * Asks the program `docker-credential-<name>` who we are for a registry, at most 30 s. Undefined where it knows none.
 * Rejects with a BuildFault `registry_auth`, or with the signal's reason; then the program has ended.
 */
export async function askCredentialHelper(
  name: string,
  registry: string,
  { env, signal }: HelperOptions,
): Promise<RegistryCredential | undefined> {
  const program = `docker-credential-${name}`;
  if (!safeName.test(name)) throw failed(program, 'that is no name of a program');
  const deadline = AbortSignal.timeout(deadlineMs);
  const { code, output } = await run(program, registry, { env, signal: AbortSignal.any([signal, deadline]) });
  signal.throwIfAborted();
  if (deadline.aborted) throw failed(program, `it did not end within ${deadlineMs / 1000} s`);
  if (code === 0) return credentialOf(program, output);
  if (/credentials not found/i.test(output)) return undefined;
  const said = output
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
  throw failed(program, said === '' ? `it ended with exit code ${code}` : said);
}

async function run(
  program: string,
  input: string,
  { env, signal }: HelperOptions,
): Promise<{ code: number; output: string }> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, ['get'], { env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  using _listener = addAbortListener(signal, () => stop(child));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(0, maxCharacters);
  });
  child
    .once('close', (code) => resolve(code ?? -1))
    .once('error', (error) => reject(notStarted(program, error)));
  // One that has ended needs no input.
  child.stdin.on('error', () => undefined).end(input);
  return { code: await ended, output };
}

function stop(child: ChildProcessByStdio<Writable, Readable, null>): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Its output is a secret: no word of it goes into a fault. */
function credentialOf(program: string, output: string): RegistryCredential | undefined {
  let answer: Record<string, unknown>;
  try {
    answer = asRecord(JSON.parse(output));
  } catch {
    throw failed(program, 'it printed what is no JSON');
  }
  const username = asText(answer['Username']);
  const secret = asText(answer['Secret']);
  if (secret === '') return undefined;
  return username === tokenUser ? { identityToken: secret } : { username, password: secret };
}

function notStarted(program: string, error: Error): BuildFault {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  return failed(program, isMissing ? 'there is no such program in PATH' : error.message);
}

function failed(program: string, why: string): BuildFault {
  return new BuildFault('registry_auth', `the credential helper ${program} failed: ${why}`);
}
