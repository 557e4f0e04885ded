import type { SeenLines } from '../../../../builder/model/container.ts';
import type { LogChunk, LogChunks } from '../../../store/contract/logChunks.ts';
import { gapLine, type LogGap, type LogText } from '../../../words/logs.ts';
import { countLines, noLines, sumOf } from '../counts.ts';
import type { LogPiece } from '../piece.ts';
import { pieceOf, textIn } from './body.ts';

/** Bytes of text that are read at once, about. */
const readBytes = 256 * 1024;

/** What is stored at line `from`: some lines, or the gap that it fell into; undefined where there is nothing. */
export async function storedItem(
  chunks: Pick<LogChunks, 'read'>,
  runId: string,
  from: number,
): Promise<LogPiece | LogGap | undefined> {
  const read = await chunks.read(runId, from, readBytes);
  const [first] = read;
  if (!first) return undefined;
  const end = read.findIndex(({ body }) => (body === null) !== (first.body === null));
  const alike = end < 0 ? read : read.slice(0, end);
  const last = alike.at(-1)?.last ?? first.last;
  return first.body ? pieceOf(alike, from) : { kind: 'gap', first: Math.max(from, first.first), last };
}

/** How many lines of output there are from line `from` on. */
export async function countFrom(
  chunks: Pick<LogChunks, 'count'>,
  runId: string,
  from: number,
): Promise<SeenLines> {
  const { seen, begun } = await chunks.count(runId, from);
  if (!begun) return seen;
  const rest = { ...noLines };
  countLines(rest, pieceOf([begun], from).index);
  return sumOf(rest, seen);
}

/** Lines as text that is in memory. */
export function textInMemory(parts: readonly Buffer[], first: number, last: number): LogText {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  return {
    first,
    last,
    bytes,
    async *chunks() {
      yield* parts;
    },
  };
}

/** Lines `from` to `to` of those that are stored, as text. Nothing but its ends is read before it is asked for. */
export async function storedText(
  chunks: Pick<LogChunks, 'read' | 'outline'>,
  runId: string,
  from: number,
  to: number,
): Promise<LogText> {
  const { textBytes, edges, gaps, chunks: count } = await chunks.outline(runId, from, to);
  const parts = edges.map((edge) => textIn(edge, from, to));
  const left = edges.reduce((sum, edge, at) => sum + edge.textBytes - (parts[at]?.length ?? 0), 0);
  const gapBytes = wholeGaps(gaps, from, to).reduce((sum, gap) => sum + Buffer.byteLength(gapLine(gap)), 0);
  const bytes = textBytes - left + gapBytes;
  if (count > edges.length || gaps.length > 0)
    return { first: from, last: to, bytes, chunks: () => readText(chunks, { runId, from, to, bytes }) };
  return textInMemory(parts, from, to);
}

/** Gaps that follow each other are one, for whoever reads. */
function wholeGaps(gaps: readonly Pick<LogChunk, 'first' | 'last'>[], from: number, to: number): LogGap[] {
  const whole: LogGap[] = [];
  for (const gap of gaps) {
    const before = whole.at(-1);
    const last = Math.min(to, gap.last);
    if (before?.last === gap.first - 1) before.last = last;
    else whole.push({ kind: 'gap', first: Math.max(from, gap.first), last });
  }
  return whole;
}

interface Wanted {
  runId: string;
  from: number;
  to: number;
  /** What was promised. */
  bytes: number;
}

async function* readText(chunks: Pick<LogChunks, 'read'>, wanted: Wanted): AsyncGenerator<Buffer> {
  let left = wanted.bytes;
  for await (const text of textsOf(chunks, wanted)) {
    left -= text.length;
    if (left < 0) throw changed(wanted);
    yield text;
  }
  if (left > 0) throw changed(wanted);
}

async function* textsOf(chunks: Pick<LogChunks, 'read'>, wanted: Wanted): AsyncGenerator<Buffer> {
  let gap: LogGap | undefined;
  for await (const part of partsOf(chunks, wanted))
    if ('kind' in part) gap = { ...part, first: gap?.first ?? part.first };
    else {
      if (gap) yield Buffer.from(gapLine(gap));
      gap = undefined;
      yield part;
    }
  if (gap) yield Buffer.from(gapLine(gap));
}

/** Text and gaps as they are stored, some at a time. */
async function* partsOf(
  chunks: Pick<LogChunks, 'read'>,
  { runId, from, to }: Wanted,
): AsyncGenerator<Buffer | LogGap> {
  for (let next = from; next <= to;) {
    const read = (await chunks.read(runId, next, readBytes)).filter(({ first }) => first <= to);
    if (read.length === 0) return;
    for (const chunk of read) {
      if (chunk.body) yield textIn(chunk, next, to);
      else yield { kind: 'gap', first: Math.max(next, chunk.first), last: Math.min(to, chunk.last) };
      next = chunk.last + 1;
    }
  }
}

function changed({ runId }: Wanted): Error {
  return new Error(`lines of the log of run ${runId} were removed while they were read`);
}
