import type { Follower } from '../../../room/logs/followers.ts';
import { cut, linesOf, type LogPiece } from '../../../room/logs/piece.ts';
import type { Room } from '../../../room/room.ts';
import { gapLine, type LogGap } from '../../../words/logs.ts';
import type { LineRange } from './range.ts';

export const entryStreams = ['stdout', 'stderr'] as const;

/** A line as this interface knows it. What the server says itself counts as stderr. */
export interface Entry {
  number: number;
  at: number;
  stream: (typeof entryStreams)[number];
  text: string;
}

/** Whose lines are read, and whether anybody still waits for them: a log may be long, and of one stream hold nothing. */
export interface Wanted {
  runId: string;
  isGone(): boolean;
}

/**
 * The lines of a range in bounded groups. Where lines were removed because the log was too long, one entry says how
 * many; it has the number of the first of them. Ends early where nobody waits for more.
 */
export async function* entriesIn(
  { logs }: Pick<Room, 'logs'>,
  { runId, isGone }: Wanted,
  { from, to }: LineRange,
): AsyncGenerator<Entry[]> {
  const follower = logs.follow(runId, from, () => {});
  try {
    let gap: LogGap | undefined;
    while (!isGone() && (gap !== undefined || follower.next <= to)) {
      const item = await follower.take();
      if (item?.kind === 'gap') gap = item;
      else if (item) yield [...gapEntries(gap, item, to), ...pieceEntries(item, to)];
      if (item?.kind !== 'gap') gap = undefined;
      if (!item) return;
    }
  } finally {
    follower.close();
  }
}

/** The first line of a range that came at a time or later; behind the range where none did. */
export async function lineSince(
  { logs }: Pick<Room, 'logs'>,
  runId: string,
  { from, to }: LineRange,
  since: number,
): Promise<number> {
  let [low, high] = [from, to + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await timeFrom(logs.follow(runId, middle, () => {}));
    if (at !== undefined && at < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When the first line came that is there from a place on. */
async function timeFrom(follower: Follower): Promise<number | undefined> {
  try {
    for (;;) {
      const item = await follower.take();
      if (item?.kind !== 'gap') return item && firstTime(item);
    }
  } finally {
    follower.close();
  }
}

/** What is missing has the time of what comes behind it. */
function gapEntries(gap: LogGap | undefined, behind: LogPiece, to: number): Entry[] {
  if (!gap) return [];
  const seen: LogGap = { ...gap, last: Math.min(gap.last, to) };
  return [{ number: gap.first, at: firstTime(behind), stream: 'stderr', text: gapLine(seen).trimEnd() }];
}

function pieceEntries(piece: LogPiece, to: number): Entry[] {
  if (piece.first > to) return [];
  return linesOf(cut(piece, piece.first, Math.min(to, piece.last))).map(({ number, at, stream, text }) => ({
    number,
    at,
    stream: stream === 'stdout' ? 'stdout' : 'stderr',
    text,
  }));
}

function firstTime(piece: LogPiece): number {
  const [line] = linesOf(cut(piece, piece.first, piece.first));
  return line?.at ?? 0;
}
