import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './mistakes.ts';

/** How settings.json names a secret that it must not hold. */
export const referencePattern = /^(?:env:[A-Za-z_]\w*|file:\/.+)$/;

const maxBytes = 65_536;

/**
 * The secret that `env:NAME` or `file:/path` stands for; of a file one line end at its end is not part of it.
 * Throws a ConfigError that names the reference, never the value.
 */
export async function resolveReference(
  reference: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (!referencePattern.test(reference)) throw wrong('a secret', 'must be given as env:NAME or file:/path');
  const [kind, name] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ];
  const value = kind === 'env' ? env[name] : await readSecret(reference, name);
  if (value === undefined || value === '') throw wrong(reference, kind === 'env' ? 'is not set' : 'is empty');
  return value;
}

async function readSecret(reference: string, path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw wrong(reference, 'is not a regular file');
    if (found.size > maxBytes) throw wrong(reference, `has more than ${maxBytes} bytes`);
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw wrong(reference, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wrong(place: string, problem: string): ConfigError {
  return new ConfigError([{ place, problem }]);
}
