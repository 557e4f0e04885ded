import type { LogPiece } from './piece.ts';
import { newRing, type Ring, type RingLimits } from './ring.ts';
import { lastOf, type Segment } from './segments.ts';

/** What is known of one log in memory: only lines that are written are part of it. */
export interface LogState {
  folder: string;
  /** Oldest first; the only gap between two of them is where the middle was removed. */
  segments: Segment[];
  /** The newest lines, while the log is written and some time after. */
  ring: Ring;
  /** Number of the newest line; 0 where there is none. */
  last: number;
  /** Set while somebody writes the log. */
  written: boolean;
  /** Frees the ring some time after the last writer ended. */
  linger: NodeJS.Timeout | undefined;
}

export function newState(folder: string, segments: Segment[], limits: RingLimits): LogState {
  const newest = segments.at(-1);
  return {
    folder,
    segments,
    ring: newRing(limits),
    last: newest ? lastOf(newest) : 0,
    written: false,
    linger: undefined,
  };
}

/** The piece was written to the newest segment: readers may see it. */
export function publish(state: LogState, segment: Segment, piece: LogPiece): void {
  if (state.segments.at(-1) !== segment) state.segments.push(segment);
  segment.lines += piece.last - piece.first + 1;
  segment.textBytes += piece.text.length;
  state.ring.push(piece);
  state.last = piece.last;
}
