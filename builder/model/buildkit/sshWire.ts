/** The texts, numbers and lists of the SSH protocols (RFC 4251, section 5). */

export class SshError extends Error {}

/** Reads values one after the other. Throws an SshError where there is less than what is asked for. */
export interface SshReader {
  uint32(): number;
  /** A string, as bytes. */
  bytes(): Buffer;
  text(): string;
  /** So many bytes without a length in front. */
  raw(length: number): Buffer;
}

export function sshReader(bytes: Buffer): SshReader {
  let at = 0;
  const raw = (length: number): Buffer => {
    if (at + length > bytes.length) throw new SshError('it ends in the middle');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): number => raw(4).readUInt32BE();
  const string = (): Buffer => raw(number());
  return { raw, uint32: number, bytes: string, text: () => string().toString() };
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A number that is not negative, from its bytes. */
export function mpint(value: Buffer): Buffer {
  let from = 0;
  while (from < value.length && value[from] === 0) from++;
  const digits = value.subarray(from);
  const needsZero = ((digits[0] ?? 0) & 0x80) !== 0;
  return sshString(needsZero ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}
