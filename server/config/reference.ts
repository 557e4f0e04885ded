import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from './mistakes.ts';

const referencePattern = /^(?:env:[A-Za-z_]\w*|file:\/.+)$/;

/** How settings.json names a secret that it must not hold. */
export const reference = z
  .string()
  .regex(referencePattern, 'must be a reference to the secret: env:NAME or file:/path');

const maxBytes = 65_536;

/**
 * The secret that `env:NAME` or `file:/path` stands for; of a file one line end at its end is not part of it.
 * Throws a ConfigError that names the reference, never the value.
 */
export async function resolveReference(
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (!referencePattern.test(text)) throw wrong('a secret', 'must be given as env:NAME or file:/path');
  const [kind, name] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  const value = kind === 'env' ? env[name] : await readSecret(text, name);
  if (value === undefined || value === '') throw wrong(text, kind === 'env' ? 'is not set' : 'is empty');
  return value;
}

async function readSecret(text: string, path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw wrong(text, 'is not a regular file');
    if (found.size > maxBytes) throw wrong(text, `has more than ${maxBytes} bytes`);
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw wrong(text, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wrong(place: string, problem: string): ConfigError {
  return new ConfigError([{ place, problem }]);
}
