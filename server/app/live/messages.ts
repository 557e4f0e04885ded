import type { Phase, StepRecord } from '../../../builder/model/spec.ts';
import { blocksOf, type LogPiece } from '../../room/logs/piece.ts';

/** What a reader of a run is told beside the lines of its log. */
export type Message =
  | { type: 'gap'; first: number; last: number }
  | { type: 'state'; status: string; phase: Phase | null; attempt: number }
  | { type: 'step'; step: StepRecord }
  | { type: 'end'; status: string; reason: string | null; error: string | null; lines: number };

/** A message as a text frame. */
export function asFrame(message: Message): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Lines as a text frame: made once, however many readers get it. */
export const linesFrame = once((piece) => Buffer.from(linesJson(piece)));

/** A message as an event; `id` is the number of the newest line that the reader has. */
export function asEvent(message: Message, id: number | undefined): Buffer {
  return event(message.type, id, JSON.stringify(message));
}

/** Lines as an event: made once, however many readers get it. */
export const linesEvent = once((piece) => event('lines', piece.last, linesJson(piece)));

/** One event of an event stream. Its data is JSON, so it has no line break of its own. */
export function event(type: string, id: number | undefined, data: string): Buffer {
  return Buffer.from(`event: ${type}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
}

function linesJson(piece: LogPiece): string {
  return JSON.stringify({ type: 'lines', first: piece.first, blocks: blocksOf(piece) });
}

function once(encode: (piece: LogPiece) => Buffer): (piece: LogPiece) => Buffer {
  const made = new WeakMap<LogPiece, Buffer>();
  return (piece) => {
    const known = made.get(piece);
    if (known) return known;
    const fresh = encode(piece);
    made.set(piece, fresh);
    return fresh;
  };
}
