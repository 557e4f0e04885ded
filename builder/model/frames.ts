import { BuildFault } from './faults.ts';

/** Takes the engine's multiplexed output of a container apart. */
export interface FrameReader {
  /** Takes the next bytes, cut anywhere, and may change them. Throws a BuildFault `engine_error` at what is no frame. */
  write(chunk: Buffer): void;
  /** Whether the bytes so far end inside a frame. */
  readonly incomplete: boolean;
}

export type OutputStream = 'stdout' | 'stderr';

const headerBytes = 8;
/** A time as the engine's logs have it, e.g. `2026-11-22T14:56:06.637281142Z`, and a space. */
const stampBytes = 31;
/** Shorter payloads are moved together, so that many small writes are handed on in one piece. */
const smallBytes = 2048;

export interface FrameSinks {
  /** Takes the payloads in the order in which they came, those of neighbours as one. Valid until the next one comes. */
  onPiece: (stream: OutputStream, piece: Buffer) => void;
  /** Where each frame begins with its time: told of it, and says whether what follows is wanted. */
  onTime?: (stream: OutputStream, time: string) => boolean;
}

export function createFrameReader({ onPiece, onTime }: FrameSinks): FrameReader {
  const header = createField(headerBytes);
  const stamp = createField(stampBytes);
  let left = 0;
  let stream: OutputStream = 'stdout';
  let isStamped = true;
  let isWanted = true;

  function readHeader(chunk: Buffer, at: number): number {
    const taken = header.take(chunk, at);
    if (!header.isFull) return taken;
    stream = streamOf(header.bytes);
    left = header.bytes.readUInt32BE(4);
    header.clear();
    isWanted = true;
    isStamped = onTime === undefined || left < stampBytes;
    return taken;
  }

  function readStamp(chunk: Buffer, at: number): number {
    const taken = stamp.take(chunk, at);
    left -= taken;
    if (!stamp.isFull) return taken;
    isWanted = onTime?.(stream, stamp.bytes.toString('latin1', 0, stampBytes - 1)) ?? true;
    isStamped = true;
    stamp.clear();
    return taken;
  }

  return {
    write(chunk) {
      const run = createRun(chunk, onPiece);
      for (let at = 0; at < chunk.length;) {
        if (left === 0) at += readHeader(chunk, at);
        else if (!isStamped) at += readStamp(chunk, at);
        else {
          const length = Math.min(left, chunk.length - at);
          if (isWanted) run.add(stream, at, length);
          at += length;
          left -= length;
        }
      }
      run.end();
    },
    get incomplete() {
      return left > 0 || !header.isEmpty;
    },
  };
}

/** A few bytes that may come in pieces. */
function createField(length: number) {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  return {
    bytes,
    take(chunk: Buffer, at: number): number {
      const taken = chunk.copy(bytes, filled, at, at + length - filled);
      filled += taken;
      return taken;
    },
    clear(): void {
      filled = 0;
    },
    get isFull() {
      return filled === length;
    },
    get isEmpty() {
      return filled === 0;
    },
  };
}

/** Neighbouring payloads of one stream, moved over the headers between them. */
function createRun(chunk: Buffer, onPiece: (stream: OutputStream, piece: Buffer) => void) {
  let owner: OutputStream = 'stdout';
  let start = 0;
  let end = 0;

  const handOn = (): void => {
    if (end > start) onPiece(owner, chunk.subarray(start, end));
  };
  return {
    add(stream: OutputStream, at: number, length: number): void {
      if (end > start && stream === owner && length <= smallBytes) {
        chunk.copyWithin(end, at, at + length);
        end += length;
        return;
      }
      handOn();
      owner = stream;
      start = at;
      end = at + length;
    },
    end: handOn,
  };
}

function streamOf(header: Buffer): OutputStream {
  if (header.readUIntBE(1, 3) === 0) {
    if (header[0] === 1) return 'stdout';
    if (header[0] === 2) return 'stderr';
  }
  throw new BuildFault(
    'engine_error',
    `the engine sent output that is in no frame: ${header.toString('hex')}`,
  );
}
