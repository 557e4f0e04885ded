import { BuildFault } from '../model/faults.ts';

/** Everything in a tar comes in blocks of this many bytes. */
export const blockBytes = 512;

export type EntryKind =
  'file' | 'hardLink' | 'link' | 'folder' | 'device' | 'pax' | 'paxGlobal' | 'longName' | 'longLink';

export interface TarHeader {
  kind: EntryKind;
  name: Buffer;
  linkName: Buffer;
  mode: number;
  /** Bytes of content that follow, without padding. */
  size: number;
}

/** What extended headers say of the entry that follows them; bytes, because names need not be UTF-8. */
export interface TarExtras {
  name?: Buffer;
  linkName?: Buffer;
  size?: number;
}

const kinds: Record<string, EntryKind> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardLink',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'device',
  '7': 'file',
  x: 'pax',
  g: 'paxGlobal',
  L: 'longName',
  K: 'longLink',
};

const checksumAt = 148;
const contentless = new Set<EntryKind>(['hardLink', 'link', 'folder', 'device']);

/** Reads one header block; undefined at the end of the tar. Throws BuildFault `context_invalid`. */
export function readHeader(block: Buffer): TarHeader | undefined {
  const sum = checksum(block);
  if (sum === 8 * 32) return undefined;
  if (sum !== octal(block, checksumAt, 8)) throw broken('has a wrong checksum');
  const typeFlag = String.fromCharCode(block[156] ?? 0);
  const kind = kinds[typeFlag];
  if (!kind) throw broken(`has the unknown kind "${typeFlag}"`);
  const name = nameOf(block);
  const isOldFolder = kind === 'file' && name.at(-1) === 0x2f;
  const actual = isOldFolder ? 'folder' : kind;
  return {
    kind: actual,
    name,
    linkName: field(block, 157, 100),
    mode: octal(block, 100, 8),
    size: contentless.has(actual) ? 0 : octal(block, 124, 12),
  };
}

/**
 * The header as `git archive` writes it under the usual umask: owned by root, without names of users, writable by its
 * owner only. The engine's cache must not depend on who packed the context.
 */
export function writeHeader(block: Buffer, header: TarHeader): Buffer {
  const written = Buffer.from(block);
  writeOctal(written, 100, 8, header.kind === 'link' ? 0o777 : header.mode & 0o755);
  writeOctal(written, 108, 8, 0);
  writeOctal(written, 116, 8, 0);
  written.fill(0, 265, 329);
  writeChecksum(written);
  return written;
}

/** Reads the records of a pax header that matter here: `path`, `linkpath` and `size`. */
export function readPax(body: Buffer): TarExtras {
  const extras: TarExtras = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.toString('latin1', at, space));
    const equals = body.indexOf(0x3d, space);
    if (space < 0 || equals < 0 || !(length > equals - at) || at + length > body.length)
      throw broken('has extended records that cannot be read');
    const value = body.subarray(equals + 1, at + length - 1);
    const key = body.toString('latin1', space + 1, equals);
    if (key === 'path') extras.name = value;
    if (key === 'linkpath') extras.linkName = value;
    if (key === 'size') extras.size = safeSize(Number(value.toString('latin1')));
    at += length;
  }
  return extras;
}

/** A pax header with its body, padded; empty where there is nothing to say. */
export function writePax(extras: TarExtras): Buffer {
  const body = Buffer.concat([
    ...(extras.name ? [record('path', extras.name)] : []),
    ...(extras.linkName ? [record('linkpath', extras.linkName)] : []),
    ...(extras.size === undefined ? [] : [record('size', Buffer.from(String(extras.size)))]),
  ]);
  return body.length === 0 ? body : withHeader('PaxHeader', 'x', body);
}

/** A regular file as a whole entry. `name` has at most 100 characters of ASCII. */
export function writeFile(name: string, content: Buffer): Buffer {
  return withHeader(name, '0', content);
}

function withHeader(name: string, typeFlag: string, body: Buffer): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, 'latin1');
  writeOctal(block, 100, 8, 0o644);
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, body.length);
  writeOctal(block, 136, 12, 0);
  block.write(typeFlag, 156);
  block.write('ustar\x0000', 257);
  writeChecksum(block);
  return Buffer.concat([block, body, Buffer.alloc(paddedBytes(body.length) - body.length)]);
}

/** Bytes that content takes in a tar. */
export function paddedBytes(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

function nameOf(block: Buffer): Buffer {
  const name = field(block, 0, 100);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(block, 345, 155) : Buffer.alloc(0);
  return prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
}

/** Copied, because it may outlive the chunk it came in. */
function field(block: Buffer, start: number, length: number): Buffer {
  const end = block.indexOf(0, start);
  return Buffer.from(block.subarray(start, end < 0 ? start + length : Math.min(end, start + length)));
}

function octal(block: Buffer, start: number, length: number): number {
  // Sizes that do not fit are written in base 256, marked by the highest bit.
  if ((block[start] ?? 0) & 0x80) return safeSize(block.readUIntBE(start + length - 6, 6));
  const digits = block.toString('latin1', start, start + length).replaceAll(/[\0 ]+/g, '');
  return digits === '' ? 0 : safeSize(/^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN);
}

function safeSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw broken('has a number that cannot be read');
  return size;
}

function writeOctal(block: Buffer, start: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, start, 'latin1');
}

function writeChecksum(block: Buffer): void {
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, checksumAt, 'latin1');
}

/** The sum of all bytes, with its own field read as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let i = 0; i < checksumAt; i++) sum += block[i] ?? 0;
  for (let i = checksumAt + 8; i < blockBytes; i++) sum += block[i] ?? 0;
  return sum;
}

/** `<length of all> <key>=<value>\n`, where the length counts its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = value.length + key.length + 3;
  const digits = String(rest + String(rest).length).length;
  return Buffer.concat([Buffer.from(`${rest + digits} ${key}=`), value, Buffer.from('\n')]);
}

function broken(how: string): BuildFault {
  return new BuildFault('context_invalid', `The build context cannot be packed: an entry of its tar ${how}.`);
}
