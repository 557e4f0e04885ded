import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MadeKey {
  /** The private key. */
  text: string;
  /** Kind and key, as `authorized_keys` has them. */
  publicKey: string;
  /** Of the public key. */
  file: string;
}

/** Makes a key with OpenSSH's own program. */
export async function makeKey(
  folder: string,
  kind: string,
  options: readonly string[] = [],
): Promise<MadeKey> {
  const file = join(folder, `${kind}-${options.join('')}`);
  await run('ssh-keygen', ['-q', '-t', kind, '-N', '', '-C', '', ...options, '-f', file]);
  const publicKey = (await readFile(`${file}.pub`, 'utf8')).trim();
  return { text: await readFile(file, 'utf8'), publicKey, file: `${file}.pub` };
}
