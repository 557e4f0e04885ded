import { StringDecoder } from 'node:string_decoder';
import type { FrameReader, OutputStream } from './frames.ts';
import { createLineAssembler } from './lines.ts';

export interface OutputReader extends FrameReader {
  /** Gives out unfinished lines: the output has come to its end. */
  end(): void;
}

type Lines = ReturnType<typeof createLines>;
export type BothLines = Readonly<Record<OutputStream, Lines>>;

/** Turns the bytes of one stream into blocks of whole lines. */
export function createLines(stream: OutputStream, onBlock: (block: string) => void) {
  const decoder = new StringDecoder('utf8');
  const lines = createLineAssembler((_, block) => onBlock(block));
  return {
    write: (piece: Buffer): void => lines.write(stream, decoder.write(piece)),
    end(): void {
      lines.write(stream, decoder.end());
      lines.end();
    },
  };
}

/** A reader whose frames go to the lines of their streams. */
export function outputReader(
  lines: BothLines,
  framesFor: (onPiece: (stream: OutputStream, piece: Buffer) => void) => FrameReader,
): OutputReader {
  const frames = framesFor((stream, piece) => lines[stream].write(piece));
  return {
    write: frames.write,
    get incomplete() {
      return frames.incomplete;
    },
    end() {
      lines.stdout.end();
      lines.stderr.end();
    },
  };
}
