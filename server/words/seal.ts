import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Sealer {
  /** `context` says what the text is for, e.g. `run/<id>/api_token`: it opens under the same one only. */
  seal(text: string, context: string): string;
  /** @throws Error where it was sealed with another key, for another context, or was changed since */
  open(sealed: string, context: string): string;
  /** A key of 32 bytes for another purpose, the same at each start; it tells nothing of the secret key. */
  deriveKey(purpose: string): Buffer;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = 'v1.';

/** Seals texts with AES-256-GCM under a key of 32 bytes. */
export function createSealer(key: Buffer): Sealer {
  if (key.length !== keyBytes) throw new Error(`a secret key has ${keyBytes} bytes, not ${key.length}`);
  return {
    seal(text, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed, context) {
      try {
        return opened(key, sealed, context);
      } catch (cause) {
        throw new Error(`the sealed ${context} does not open: is the secret key another one than before?`, {
          cause,
        });
      }
    },
    deriveKey: (purpose) => Buffer.from(hkdfSync('sha256', key, '', purpose, keyBytes)),
  };
}

function opened(key: Buffer, sealed: string, context: string): string {
  if (!sealed.startsWith(prefix)) throw new Error(`it does not begin with ${prefix}`);
  const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
}

/**
 * The key that secrets are sealed with: `fromEnv` (64 hex digits, or base64 of 32 bytes) where it is given, else
 * `secret.key` in the data folder, made there the first time.
 *
 * @throws Error that says what is wrong with the key and what to do
 */
export function loadSecretKey(dataFolder: string, fromEnv?: string): Buffer {
  if (fromEnv !== undefined && fromEnv !== '') return parsed(fromEnv, 'DOCKER_BUILDER_SECRETKEY');
  const file = join(dataFolder, 'secret.key');
  if (!statSync(file, { throwIfNoEntry: false })) makeKeyFile(dataFolder, file);
  return readKeyFile(file);
}

function readKeyFile(file: string): Buffer {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(
      `${file} can be read by others: run chmod 600 on it, and think about who may have read it`,
    );
  return parsed(readFileSync(file, 'utf8'), file);
}

function parsed(text: string, place: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64');
  throw new Error(
    `${place} is no key: it must be 64 hex digits, or base64 of 32 bytes (openssl rand -hex 32)`,
  );
}

/** Written beside and linked into place: the file is there whole, or not at all, and is never replaced. */
function makeKeyFile(dataFolder: string, file: string): void {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeDurably(draft, `${randomBytes(keyBytes).toString('hex')}\n`);
    linkSync(draft, file);
    syncFolder(dataFolder);
  } catch (error) {
    // Another process was first: its key is the key.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
