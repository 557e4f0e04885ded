import type { LogGap } from '../../words/logs.ts';
import { bytesPerLine } from './lineIndex.ts';

/** A pair of files that holds neighbouring lines of a log: their text, and the index of it. */
export interface Segment {
  /** Number of its first line; names the files. */
  first: number;
  lines: number;
  textBytes: number;
}

export function lastOf(segment: Segment): number {
  return segment.first + segment.lines - 1;
}

/** What a segment takes on disk. */
export function sizeOf(segment: Segment): number {
  return segment.textBytes + segment.lines * bytesPerLine;
}

/** The segment that holds a line, or the gap that the line fell into; undefined behind the end. */
export function segmentOrGap(segments: readonly Segment[], line: number): Segment | LogGap | undefined {
  let before = 0;
  for (const segment of segments) {
    if (line < segment.first)
      return { kind: 'gap', first: Math.max(line, before + 1), last: segment.first - 1 };
    if (line <= lastOf(segment)) return segment;
    before = lastOf(segment);
  }
  return undefined;
}

/**
 * The segment to remove from a log that takes more than `maxBytes`: the oldest that is neither of the head (what
 * fits into half of the limit, counted from line 1) nor the one that is written now.
 */
export function victim(segments: readonly Segment[], maxBytes: number): Segment | undefined {
  const total = segments.reduce((sum, segment) => sum + sizeOf(segment), 0);
  if (total <= maxBytes) return undefined;
  return segments.slice(headLength(segments, maxBytes / 2), -1)[0];
}

function headLength(segments: readonly Segment[], budget: number): number {
  let used = 0;
  let next = 1;
  for (const [position, segment] of segments.entries()) {
    used += sizeOf(segment);
    if (used > budget || segment.first !== next) return position;
    next = lastOf(segment) + 1;
  }
  return segments.length;
}
