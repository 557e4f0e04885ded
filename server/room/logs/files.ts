import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { asBytes, wordsPerLine } from './lineIndex.ts';
import { isLogId } from './logId.ts';

/**
 * The folder of a run's log, `<2 hex>/<id>`: the id's end is random, its start is a time. Undefined for what is no
 * lower case uuid, so that no id can name another place.
 */
export function logFolder(folder: string, runId: string): string | undefined {
  return isLogId(runId) ? join(folder, runId.slice(-2), runId) : undefined;
}

export function textPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(10, '0')}.log`);
}

export function indexPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(10, '0')}.idx`);
}

/** What is kept of a segment that was removed. */
export function countPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(10, '0')}.count`);
}

/** Number of the first line of the segment that a file belongs to, and which of the two files it is. */
export function parseName(name: string): { first: number; kind: 'log' | 'idx' } | undefined {
  const match = /^(\d{10,15})\.(log|idx)$/.exec(name);
  if (!match) return undefined;
  return { first: Number(match[1]), kind: match[2] === 'log' ? 'log' : 'idx' };
}

/** Opens a file for the time of `work`. */
export async function withFile<T>(
  path: string,
  flags: string,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Fills the buffer from `position`; throws where the file is shorter. */
export async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0)
      throw new Error(`a log file is shorter than its index says: ${into.length - done} bytes are missing`);
    done += bytesRead;
  }
}

export async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** The index entries of `count` lines from the `start`th of the segment on. */
export async function readIndex(file: FileHandle, start: number, count: number): Promise<Uint32Array> {
  const index = new Uint32Array(count * wordsPerLine);
  await readFully(file, asBytes(index), start * wordsPerLine * 4);
  return index;
}

/** Makes a new name in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  await withFile(folder, 'r', (file) => file.sync());
}

/** Makes the folder of a log, so that it survives a loss of power. */
export async function makeLogFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await syncFolder(join(folder, '..'));
}

/** Whether an error says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
