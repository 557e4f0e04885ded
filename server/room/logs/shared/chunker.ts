import type { NewLogChunk, RemovedChunk } from '../../../store/contract/logChunks.ts';
import type { LogPiece } from '../piece.ts';
import { chunkOf, joinedAll, partsOf, rawOf, removedChunk } from './chunk.ts';

/** Chunks that are to be stored together. */
export interface Packed {
  chunks: readonly NewLogChunk[];
  /** All chunks from the one with this first line on are in them again; they took so many bytes. */
  replaceFrom: number | undefined;
  replacedBytes: number;
  /** What begins with this line, or behind it, may be replaced later. */
  keepFrom: number;
}

/** Makes chunks of the lines of one log, and knows which of them may become larger. */
export interface Chunker {
  pack(pieces: readonly LogPiece[]): Packed;
  /** Lines that are not there. What comes next begins anew behind them. */
  skip(part: RemovedChunk): Packed;
  /** What is not full will stay as it is: from now on all of it becomes one. */
  finish(): void;
  /** Whether there is something that becomes one. */
  readonly hasRest: boolean;
}

/** A chunk that may be replaced by a larger one. */
interface Small {
  piece: LogPiece;
  stored: number;
}

/**
 * A chunk that is not full takes in those before it that are no larger: so there are never many of them, and each line is
 * stored again as often as its chunk becomes twice as large. `first` is the number of the first line.
 */
export function newChunker(first: number, chunkBytes: number): Chunker {
  let since = first;
  let smalls: Small[] = [];
  let isFinishing = false;

  /** How many of the newest small chunks become one with these pieces. */
  function absorbedBy(group: readonly LogPiece[]): number {
    let bytes = sizeOf(group);
    const all = bytes + sizeOf(smalls.map(({ piece }) => piece));
    if (isFinishing || all >= chunkBytes) return smalls.length;
    let count = 0;
    for (const { piece } of smalls.toReversed()) {
      if (rawOf(piece) > bytes) break;
      bytes += rawOf(piece);
      count++;
    }
    return count;
  }

  function chunkOfGroup(group: readonly LogPiece[], isLast: boolean): NewLogChunk {
    const isSmall = isLast && sizeOf(group) < chunkBytes;
    const [alone] = group;
    // A piece is given away when it is stored: what may be stored again has memory of its own.
    const piece = alone && group.length === 1 && !isSmall ? alone : joinedAll(group);
    const chunk = chunkOf(piece, since);
    if (isSmall) smalls.push({ piece, stored: chunk.stored });
    else smalls = [];
    return chunk;
  }

  return {
    pack(pieces) {
      const [group = [], ...others] = grouped(
        pieces.flatMap((piece) => partsOf(piece, chunkBytes)),
        chunkBytes,
      );
      const absorbed = absorbedBy(group);
      const replaced = smalls.splice(smalls.length - absorbed);
      const groups = [[...replaced.map(({ piece }) => piece), ...group], ...others];
      const chunks = groups.map((one, at) => chunkOfGroup(one, at === groups.length - 1));
      return {
        chunks,
        replaceFrom: replaced[0]?.piece.first,
        replacedBytes: replaced.reduce((sum, { stored }) => sum + stored, 0),
        keepFrom: smalls[0]?.piece.first ?? chunks.at(-1)?.first ?? since,
      };
    },
    skip(part) {
      smalls = [];
      since = part.last + 1;
      return { chunks: [removedChunk(part)], replaceFrom: undefined, replacedBytes: 0, keepFrom: part.first };
    },
    finish() {
      isFinishing = true;
    },
    get hasRest() {
      return isFinishing && smalls.length > 1;
    },
  };
}

/** Each group is full, but for the last one. */
function grouped(pieces: readonly LogPiece[], chunkBytes: number): LogPiece[][] {
  const groups: LogPiece[][] = [];
  let newest: LogPiece[] | undefined;
  for (const piece of pieces) {
    const fits = newest !== undefined && sizeOf(newest) < chunkBytes;
    if (newest && fits && sizeOf(newest) + rawOf(piece) < 2 * chunkBytes) newest.push(piece);
    else groups.push((newest = [piece]));
  }
  return groups;
}

/** What lines count against the limit of their log. */
export function sizeOf(pieces: readonly LogPiece[]): number {
  return pieces.reduce((sum, piece) => sum + rawOf(piece), 0);
}
