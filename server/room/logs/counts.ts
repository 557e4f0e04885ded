import { readFile, rename, writeFile } from 'node:fs/promises';
import type { SeenLines } from '../../../builder/model/container.ts';
import type { LogGap } from '../../words/logs.ts';
import { countPath, indexPath, isMissing, readIndex, withFile } from './files.ts';
import { lengthOf, streamOf, timeOf, wordsPerLine } from './lineIndex.ts';
import { retried } from './read.ts';
import { lastOf, type Segment, segmentOrGap } from './segments.ts';
import type { LogState } from './state.ts';

/** Neighbouring lines that are there no more. */
export interface RemovedPart extends SeenLines {
  first: number;
  last: number;
}

/** Of a log that has no output. */
export const noLines: SeenLines = {
  stdout: 0,
  stderr: 0,
  bytes: 0,
  oldestAt: undefined,
  newestAt: undefined,
};

/** Index entries that are read at once. */
const atOnce = 4096;

/**
 * How many lines of output, which are all but the server's own, a log has from line `from` on; removed ones count where a
 * segment begins with that line. Reads indexes only.
 */
export function countFrom(state: LogState, from: number): Promise<SeenLines> {
  return retried(state, async () => {
    let count = noLines;
    for (let next = from; ;) {
      const found = segmentOrGap(state.segments, next);
      if (!found) return count;
      const part = await partAt(state, found, next);
      count = sumOf(count, part);
      next = part.last + 1;
    }
  });
}

/** What begins with a line: the rest of a segment, or what was removed. */
async function partAt({ folder }: LogState, found: Segment | LogGap, line: number): Promise<RemovedPart> {
  if (!('kind' in found))
    return { ...(await countOf(folder, found, line)), first: line, last: lastOf(found) };
  return removedAt({ folder }, found);
}

/** Keeps the count of a segment that is about to be removed, in one with that of `before` where it goes on there. */
export async function keepCount(
  folder: string,
  segment: Segment,
  before: RemovedPart | undefined,
): Promise<RemovedPart> {
  const count = await countOf(folder, segment, segment.first);
  const goesOn = before?.last === segment.first - 1;
  const part = { ...(goesOn ? sumOf(before, count) : count), last: lastOf(segment) };
  const whole = { ...part, first: goesOn ? before.first : segment.first };
  await writeCount(folder, whole);
  return whole;
}

/** Keeps what is known of lines that are not there. */
export async function writeCount(folder: string, { first, ...part }: RemovedPart): Promise<void> {
  const path = countPath(folder, first);
  await writeFile(`${path}.new`, JSON.stringify(part));
  await rename(`${path}.new`, path);
}

/** What is known of lines that are there no more, in their order. What nobody has counted is one part. */
export function removedParts(state: LogState): Promise<RemovedPart[]> {
  return retried(state, async () => {
    const parts: RemovedPart[] = [];
    for (let next = 1; ;) {
      const found = segmentOrGap(state.segments, next);
      if (!found) return parts;
      const part = 'kind' in found ? await removedAt(state, found) : undefined;
      if (part) parts.push(part);
      next = (part?.last ?? ('kind' in found ? found.last : lastOf(found))) + 1;
    }
  });
}

async function removedAt(
  { folder }: Pick<LogState, 'folder'>,
  { first, last }: LogGap,
): Promise<RemovedPart> {
  return (await keptCount(folder, first)) ?? { ...noLines, first, last };
}

async function keptCount(folder: string, first: number): Promise<RemovedPart | undefined> {
  try {
    const kept = JSON.parse(await readFile(countPath(folder, first), 'utf8')) as Omit<RemovedPart, 'first'>;
    return { ...noLines, ...kept, first };
  } catch (error) {
    // The power failed before it was on the disk.
    if (isMissing(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function countOf(folder: string, segment: Segment, from: number): Promise<SeenLines> {
  const count = { ...noLines };
  await withFile(indexPath(folder, segment.first), 'r', async (file) => {
    for (let line = from - segment.first; line < segment.lines; line += atOnce)
      countLines(count, await readIndex(file, line, Math.min(atOnce, segment.lines - line)));
  });
  return count;
}

/** Adds the lines of an index to a count. */
export function countLines(count: SeenLines, index: Uint32Array): void {
  for (let line = 0; line < index.length / wordsPerLine; line++) {
    const stream = streamOf(index, line);
    if (stream === 'system') continue;
    count[stream]++;
    count.bytes += lengthOf(index, line);
    count.newestAt = timeOf(index, line);
    count.oldestAt ??= count.newestAt;
  }
}

/** The count of lines with that of those that come next. */
export function sumOf(one: SeenLines, next: SeenLines): SeenLines {
  return {
    stdout: one.stdout + next.stdout,
    stderr: one.stderr + next.stderr,
    bytes: one.bytes + next.bytes,
    oldestAt: one.oldestAt ?? next.oldestAt,
    newestAt: next.newestAt ?? one.newestAt,
  };
}
