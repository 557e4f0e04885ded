import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { indexPath, isMissing, parseName, readFully, readIndex, textPath, withFile } from './files.ts';
import { bytesPerLine, endOf, offsetOf } from './lineIndex.ts';
import type { Segment } from './segments.ts';

/**
 * The segments of a log that nobody writes, oldest first; undefined where there is no such log. A torn end (the
 * writer was killed, the power failed) is cut off, so that afterwards text and index hold the same whole lines.
 */
export async function loadSegments(folder: string): Promise<Segment[] | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!names) return undefined;
  const segments: Segment[] = [];
  for (const first of await wholePairs(folder, names)) {
    const segment = await repaired(folder, first);
    if (segment) segments.push(segment);
  }
  return segments.toSorted((one, two) => one.first - two.first);
}

/** First lines of the segments that have both files; a lone file is removed, nothing can be read from it. */
async function wholePairs(folder: string, names: readonly string[]): Promise<number[]> {
  const kinds = new Map<number, string[]>();
  for (const name of names) {
    const parsed = parseName(name);
    if (parsed) kinds.set(parsed.first, [...(kinds.get(parsed.first) ?? []), name]);
  }
  const firsts: number[] = [];
  for (const [first, [one, two]] of kinds) {
    if (two !== undefined) firsts.push(first);
    else if (one !== undefined) await rm(join(folder, one), { force: true });
  }
  return firsts;
}

async function repaired(folder: string, first: number): Promise<Segment | undefined> {
  const text = textPath(folder, first);
  const index = indexPath(folder, first);
  const [textSize, indexSize] = [(await stat(text)).size, (await stat(index)).size];
  const { lines, textBytes } = await soundPart(text, textSize, index, Math.floor(indexSize / bytesPerLine));
  if (lines === 0) {
    await Promise.all([rm(text), rm(index)]);
    return undefined;
  }
  if (textBytes !== textSize) await truncate(text, textBytes);
  if (lines * bytesPerLine !== indexSize) await truncate(index, lines * bytesPerLine);
  return { first, lines, textBytes };
}

/** How many lines from the start are whole in both files. A sound segment is known by its last entry alone. */
async function soundPart(
  textFile: string,
  textSize: number,
  indexFile: string,
  entries: number,
): Promise<{ lines: number; textBytes: number }> {
  return withFile(textFile, 'r', (text) =>
    withFile(indexFile, 'r', async (index) => {
      const newline = Buffer.alloc(1);
      for (let end = entries, step = 1; end > 0; end -= step, step = 4096) {
        const start = Math.max(0, end - step);
        const block = await readIndex(index, start, end - start);
        for (let line = end - start - 1; line >= 0; line--) {
          const textBytes = endOf(block, line);
          if (textBytes > textSize || textBytes <= offsetOf(block, line)) continue;
          await readFully(text, newline, textBytes - 1);
          if (newline[0] === 10) return { lines: start + line + 1, textBytes };
        }
      }
      return { lines: 0, textBytes: 0 };
    }),
  );
}
