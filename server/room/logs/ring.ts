import { cut, joined, type LogPiece, release } from './piece.ts';

export interface RingLimits {
  lines: number;
  bytes: number;
}

/** The newest lines of a log in memory. All of them are on disk too, so what it forgets is not lost. */
export interface Ring {
  /** The piece is the ring's from now on: its memory is given back when it is forgotten and nobody was given it. */
  push(piece: LogPiece): void;
  /** A piece that begins with line `from`; readers who ask for the same line between two pushes get the same object. */
  pieceFrom(from: number): LogPiece | undefined;
  /** All lines from `from` to `to`; undefined where it does not hold them all. */
  pieces(from: number, to: number): LogPiece[] | undefined;
}

/** Pieces below this are joined to their neighbour, so that a slow trickle of lines does not become as many objects. */
const smallBytes = 16 * 1024;

export function newRing(limits: RingLimits): Ring {
  const held: LogPiece[] = [];
  const cuts = new Map<number, LogPiece>();
  /** What readers were given, and may still have. */
  const lent = new WeakSet<LogPiece>();
  let lines = 0;
  let bytes = 0;

  function push(piece: LogPiece): void {
    add(piece);
    while (held.length > 1 && (lines > limits.lines || bytes > limits.bytes)) forget(held.shift());
    cuts.clear();
    cuts.set(piece.first, piece);
  }

  function add(piece: LogPiece): void {
    lines += piece.last - piece.first + 1;
    bytes += sizeOf(piece);
    const newest = held.at(-1);
    const whole = newest && sizeOf(newest) + sizeOf(piece) < smallBytes ? joined(newest, piece) : undefined;
    if (whole) held[held.length - 1] = whole;
    else held.push(piece);
  }

  function forget(piece: LogPiece | undefined): void {
    if (!piece) return;
    lines -= piece.last - piece.first + 1;
    bytes -= sizeOf(piece);
    // Left to the garbage collector, 64 MB of them lie about under load before it looks.
    if (!lent.has(piece)) release(piece);
  }

  function lend(piece: LogPiece): LogPiece {
    lent.add(piece);
    return piece;
  }

  function pieceFrom(from: number): LogPiece | undefined {
    const known = cuts.get(from);
    if (known) return lend(known);
    const piece = held[position(from)];
    if (!piece) return undefined;
    const part = cut(lend(piece), from, piece.last);
    cuts.set(from, part);
    return part;
  }

  function pieces(from: number, to: number): LogPiece[] | undefined {
    const found: LogPiece[] = [];
    for (let at = position(from), next = from; next <= to; at++) {
      const piece = held[at];
      if (!piece) return undefined;
      found.push(cut(lend(piece), next, Math.min(to, piece.last)));
      next = piece.last + 1;
    }
    return found;
  }

  /** Where the piece that holds a line is; -1 where none does. */
  function position(line: number): number {
    let low = 0;
    let high = held.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const piece = held[middle];
      if (!piece || line < piece.first) high = middle - 1;
      else if (line > piece.last) low = middle + 1;
      else return middle;
    }
    return -1;
  }

  return { push, pieceFrom, pieces };
}

function sizeOf(piece: LogPiece): number {
  return piece.text.length + piece.index.byteLength;
}
