import { createPrivateKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { mpint, SshError, type SshReader, sshReader, sshString } from './sshWire.ts';

/** A private key that can be asked to sign. */
export interface SshKey {
  /** The public key as SSH sends it. */
  blob: Buffer;
  /** A signature as SSH sends it; `flags` are those of the agent protocol. */
  sign(data: Buffer, flags: number): Buffer;
}

const rsaSha256 = 2;
const rsaSha512 = 4;
const curves: Record<string, { name: string; hash: string }> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
};

/** Reads an unencrypted private key (ed25519, rsa, ecdsa), as OpenSSH or as PEM. Throws an SshError. */
export function parseSshKey(text: string): SshKey {
  const key = readKey(`${text.trim()}\n`);
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'RSA') return rsaKey(key, jwk);
  if (jwk.kty === 'EC') return ecdsaKey(key, jwk);
  if (jwk.crv === 'Ed25519') return ed25519Key(key, jwk);
  throw new SshError('it is of a kind that is not supported');
}

function readKey(text: string): KeyObject {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*)-----END OPENSSH PRIVATE KEY-----/.exec(
    text,
  )?.[1];
  try {
    if (body === undefined) return createPrivateKey(text);
    return createPrivateKey({ key: openSshJwk(Buffer.from(body, 'base64')), format: 'jwk' });
  } catch (error) {
    if (error instanceof SshError) throw error;
    throw new SshError('it is no private key without a passphrase');
  }
}

function ed25519Key(key: KeyObject, { x }: JsonWebKey): SshKey {
  const name = 'ssh-ed25519';
  return {
    blob: Buffer.concat([sshString(name), sshString(number(x))]),
    sign: (data) => Buffer.concat([sshString(name), sshString(sign(null, data, key))]),
  };
}

function rsaKey(key: KeyObject, { n, e }: JsonWebKey): SshKey {
  return {
    blob: Buffer.concat([sshString('ssh-rsa'), mpint(number(e)), mpint(number(n))]),
    sign: (data, flags) => {
      const [name, hash] =
        (flags & rsaSha512) !== 0
          ? ['rsa-sha2-512', 'sha512']
          : (flags & rsaSha256) !== 0
            ? ['rsa-sha2-256', 'sha256']
            : ['ssh-rsa', 'sha1'];
      return Buffer.concat([sshString(name), sshString(sign(hash, data, key))]);
    },
  };
}

function ecdsaKey(key: KeyObject, { crv = '', x, y }: JsonWebKey): SshKey {
  const curve = curves[crv];
  if (!curve) throw new SshError('it is of a curve that is not supported');
  const name = `ecdsa-sha2-${curve.name}`;
  const point = Buffer.concat([Buffer.from([4]), number(x), number(y)]);
  return {
    blob: Buffer.concat([sshString(name), sshString(curve.name), sshString(point)]),
    sign: (data) => {
      const pair = sign(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const [r, s] = [pair.subarray(0, pair.length / 2), pair.subarray(pair.length / 2)];
      return Buffer.concat([sshString(name), sshString(Buffer.concat([mpint(r), mpint(s)]))]);
    },
  };
}

/** OpenSSH's own format, which node:crypto does not read. */
function openSshJwk(bytes: Buffer): JsonWebKey {
  const magic = 'openssh-key-v1\0';
  const reader = sshReader(bytes);
  if (reader.raw(magic.length).toString('latin1') !== magic) throw new SshError('it is no key of OpenSSH');
  if (reader.text() !== 'none') throw new SshError('it is locked by a passphrase');
  reader.text();
  reader.bytes();
  if (reader.uint32() !== 1) throw new SshError('it holds more than one key');
  reader.bytes();
  const secret = sshReader(reader.bytes());
  // The same random number twice, which tells whether a passphrase fits.
  secret.raw(8);
  return keyParts(secret.text(), secret);
}

function keyParts(kind: string, secret: SshReader): JsonWebKey {
  if (kind === 'ssh-ed25519') {
    const x = secret.bytes();
    return {
      kty: 'OKP',
      crv: 'Ed25519',
      x: base64url(x),
      d: base64url(secret.bytes().subarray(0, x.length)),
    };
  }
  if (kind === 'ssh-rsa') return rsaParts(secret);
  const crv = Object.keys(curves).find((name) => kind === `ecdsa-sha2-${curves[name]?.name}`);
  if (crv === undefined) throw new SshError(`it is of the kind ${kind}, which is not supported`);
  secret.bytes();
  const point = secret.bytes().subarray(1);
  const half = point.length / 2;
  const d = fixedLength(secret.bytes(), half);
  return {
    kty: 'EC',
    crv,
    x: base64url(point.subarray(0, half)),
    y: base64url(point.subarray(half)),
    d: base64url(d),
  };
}

function rsaParts(secret: SshReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => positive(secret.bytes()));
  if (!n || !e || !d || !qi || !p || !q) throw new SshError('it ends in the middle');
  return {
    kty: 'RSA',
    n: base64url(n),
    e: base64url(e),
    d: base64url(d),
    p: base64url(p),
    q: base64url(q),
    dp: base64url(remainder(d, p)),
    dq: base64url(remainder(d, q)),
    qi: base64url(qi),
  };
}

/** `value mod (prime - 1)`. */
function remainder(value: Buffer, prime: Buffer): Buffer {
  const hex = (BigInt(`0x${value.toString('hex')}`) % (BigInt(`0x${prime.toString('hex')}`) - 1n)).toString(
    16,
  );
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Without the zero in front that tells that a number is not negative. */
function positive(value: Buffer): Buffer {
  return value[0] === 0 ? value.subarray(1) : value;
}

function fixedLength(value: Buffer, length: number): Buffer {
  const digits = positive(value);
  return Buffer.concat([Buffer.alloc(Math.max(0, length - digits.length)), digits]);
}

function number(part: string | undefined): Buffer {
  return Buffer.from(part ?? '', 'base64url');
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
