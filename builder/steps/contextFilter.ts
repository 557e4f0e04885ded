import { Transform } from 'node:stream';
import type { Dockerignore } from '../model/dockerignore.ts';
import { BuildFault } from '../model/faults.ts';
import {
  blockBytes,
  paddedBytes,
  readHeader,
  readPax,
  type TarExtras,
  type TarHeader,
  writeFile,
  writeHeader,
  writePax,
} from './contextHeader.ts';

export interface ContextRules {
  ignore: Dockerignore | undefined;
  /** Of the tar that goes out, in bytes. */
  maxBytes: number;
  /** Files, folders and links that go out. */
  maxEntries: number;
  /** Put behind everything else, where they take the place of files of the same name. */
  extra?: readonly ExtraFile[];
}

/** A file that is not in the source. */
export interface ExtraFile {
  /** At most 100 characters of ASCII. */
  name: string;
  content: Buffer;
}

/** Longest path that Linux knows, in bytes. */
const maxPathBytes = 4096;
const maxExtendedBytes = 65_536;
const endOfTar = Buffer.alloc(2 * blockBytes);

/**
 * A tar goes in, the tar of the build context comes out: what .dockerignore leaves out is gone, owners and modes are
 * those of `git archive`, content passes untouched. Destroyed with a BuildFault where the tar passes a limit, leaves
 * the context or is not whole.
 */
export function createContextFilter(rules: ContextRules): Transform {
  const filter = createFilter(rules);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => settle(done, () => filter.take(chunk)),
    flush: (done) => settle(done, () => filter.end()),
  });
}

function settle(done: (error: Error | null, data?: Buffer) => void, work: () => Buffer): void {
  try {
    const out = work();
    done(null, out.length > 0 ? out : undefined);
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Where the reader is in the tar: before a header, inside content, inside an extended header, or behind the end. */
type Position =
  | { at: 'header' }
  | { at: 'content'; left: number; kept: boolean }
  | { at: 'extended'; header: TarHeader }
  | { at: 'end' };

function createFilter(rules: ContextRules): { take(chunk: Buffer): Buffer; end(): Buffer } {
  const admit = createAdmission(rules);
  let position: Position = { at: 'header' };
  let rest = Buffer.alloc(0);
  let extras: TarExtras = {};

  const onHeader = (block: Buffer, out: Buffer[]): Position => {
    const header = readHeader(block);
    if (!header) return { at: 'end' };
    if (isExtended(header)) return { at: 'extended', header };
    const entry = {
      ...header,
      name: extras.name ?? header.name,
      linkName: extras.linkName ?? header.linkName,
    };
    const left = paddedBytes(header.kind === 'file' ? (extras.size ?? header.size) : 0);
    const pax = writePax(extras);
    extras = {};
    const kept = admit(entry, pax.length + blockBytes + left);
    if (kept) out.push(pax, writeHeader(block, header));
    return left > 0 ? { at: 'content', left, kept } : { at: 'header' };
  };

  const onExtended = (header: TarHeader, body: Buffer): Position => {
    extras = { ...extras, ...extrasOf(header, body) };
    return { at: 'header' };
  };

  /** Takes one piece off the data and gives back what is left; the same data where more must come first. */
  const step = (data: Buffer, out: Buffer[]): Buffer => {
    if (position.at === 'end') return data.subarray(data.length);
    if (position.at === 'content') {
      const piece = data.subarray(0, position.left);
      if (position.kept) out.push(piece);
      const left = position.left - piece.length;
      position = left > 0 ? { ...position, left } : { at: 'header' };
      return data.subarray(piece.length);
    }
    const wanted = position.at === 'header' ? blockBytes : paddedBytes(position.header.size);
    if (data.length < wanted) return data;
    const piece = data.subarray(0, wanted);
    position = position.at === 'header' ? onHeader(piece, out) : onExtended(position.header, piece);
    return data.subarray(wanted);
  };

  const take = (chunk: Buffer): Buffer => {
    const out: Buffer[] = [];
    let data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (let before = -1; data.length > 0 && data.length !== before;) {
      before = data.length;
      data = step(data, out);
    }
    rest = Buffer.from(data);
    return out.length === 1 && out[0] ? out[0] : Buffer.concat(out);
  };

  const end = (): Buffer => {
    if (position.at !== 'end')
      throw new BuildFault('context_invalid', 'The build context ended in the middle.');
    const extra = (rules.extra ?? []).map(({ name, content }) => writeFile(name, content));
    return Buffer.concat([...extra, endOfTar]);
  };
  return { take, end };
}

function isExtended(header: TarHeader): boolean {
  const extended = ['pax', 'paxGlobal', 'longName', 'longLink'].includes(header.kind);
  if (extended && header.size > maxExtendedBytes)
    throw new BuildFault('context_invalid', 'The build context has a path that is too long.');
  return extended;
}

function extrasOf(header: TarHeader, body: Buffer): TarExtras {
  const content = body.subarray(0, header.size);
  if (header.kind === 'pax') return readPax(Buffer.from(content));
  if (header.kind === 'paxGlobal') return {};
  const end = content.indexOf(0);
  const name = Buffer.from(end < 0 ? content : content.subarray(0, end));
  return header.kind === 'longName' ? { name } : { linkName: name };
}

/** Decides entry by entry what goes out, and counts it. */
export function createAdmission(rules: ContextRules): (entry: TarHeader, bytes: number) => boolean {
  let totalBytes = 0;
  let totalEntries = 0;
  return (entry, bytes) => {
    const path = safePath(entry.name);
    if (path === '' || entry.kind === 'device' || rules.ignore?.excludes(path)) return false;
    if (entry.kind === 'hardLink') checkHardLink(rules, path, safePath(entry.linkName));
    totalBytes += bytes;
    totalEntries += 1;
    if (totalBytes > rules.maxBytes) throw tooLarge(`${totalBytes} bytes`, `${rules.maxBytes}`, path);
    if (totalEntries > rules.maxEntries)
      throw tooLarge(`${totalEntries} entries`, `${rules.maxEntries}`, path);
    return true;
  };
}

/** The path without `.` and doubled slashes; a BuildFault where it would leave the context. */
function safePath(name: Buffer): string {
  const path = name.toString();
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || path.includes('\0') || parts.includes('..'))
    throw new BuildFault('context_invalid', `The build context has a path that leaves it: ${shown(path)}.`);
  if (name.length > maxPathBytes)
    throw new BuildFault('context_invalid', `The build context has a path that is too long: ${shown(path)}.`);
  return parts.join('/');
}

function checkHardLink(rules: ContextRules, path: string, target: string): void {
  if (rules.ignore?.excludes(target))
    throw new BuildFault(
      'context_invalid',
      `${shown(path)} is a hard link to ${shown(target)}, which .dockerignore leaves out. Keep both or neither.`,
    );
}

function tooLarge(reached: string, limit: string, path: string): BuildFault {
  return new BuildFault(
    'context_too_large',
    `The build context reached ${reached} at ${shown(path)}; the limit is ${limit}. Add a .dockerignore or raise the limit.`,
  );
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
