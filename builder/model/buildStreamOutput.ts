import type { LineAssembler } from './lines.ts';
import type { LogStream } from './log.ts';

/** Longest unfinished line that is held back; longer ones are handed on, where they are cut. */
const maxHeldLength = 64 * 1024;
/** Characters of the newest output that are kept. */
const tailLength = 2048;

/** Collects output, so that the log gets one block of whole lines per chunk and not a call per line. */
export interface OutputBatch {
  add(stream: LogStream, text: string): void;
  /** Hands on all whole lines. */
  flush(): void;
  /** Hands on all, and ends the last line. */
  end(): void;
  /** The last 2 KB of what was handed on. */
  readonly tail: string;
}

/** Keeps the order of the streams: what one wrote is handed on before the other's. */
export function createOutputBatch(lines: LineAssembler): OutputBatch {
  let owner: LogStream = 'stdout';
  let held = '';
  let tail = '';

  const handOn = (length: number): void => {
    if (length === 0) return;
    const piece = length === held.length ? held : held.slice(0, length);
    tail = (tail + piece.slice(-tailLength)).slice(-tailLength);
    lines.write(owner, piece);
    held = held.slice(length);
  };

  const add = (stream: LogStream, text: string): void => {
    if (stream !== owner) {
      handOn(held.length);
      owner = stream;
    }
    held += text;
  };

  const flush = (): void => {
    handOn(held.lastIndexOf('\n') + 1);
    if (held.length > maxHeldLength) handOn(held.length);
  };

  const end = (): void => {
    handOn(held.length);
    lines.end();
  };

  return {
    add,
    flush,
    end,
    get tail() {
      return tail;
    },
  };
}
