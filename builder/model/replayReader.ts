import { createFrameReader, type FrameReader, type OutputStream } from './frames.ts';
import { type BothLines, outputReader, type OutputReader } from './outputReader.ts';

export interface ReplayReader extends OutputReader {
  /** Whether there was no entry yet: then only all of them are sure to be the newest. */
  readonly isEmpty: boolean;
  /** A reader of the newest entries of the same log, of which it leaves out those that it had. */
  tail(): TailReader;
  /** The same where these do not reach back: it goes by time, and says so in the log. */
  tailByTime(): FrameReader;
}

export interface TailReader extends FrameReader {
  /** Whether they reach back to what it had: else it has taken none, and more have to be asked for. */
  readonly isJoined: boolean;
}

export interface ReplaySinks {
  /** What is not newer than this is left out; `first` is the time of the first entry. */
  newestHad: (first: string) => string;
  sayLost: () => void;
}

/** A reader of an engine's log, of which each entry begins with its time. */
export function replayReader(lines: BothLines, { newestHad, sayLost }: ReplaySinks): ReplayReader {
  const position = createPosition();
  let after: string | undefined;
  const isNew = (stream: OutputStream, time: string): boolean => {
    after ??= newestHad(time);
    position.moveTo(stream, time);
    return time > after;
  };
  const framesFor = (onTime: typeof isNew): FrameReader =>
    createFrameReader({ onPiece: (stream, piece) => lines[stream].write(piece), onTime });

  const tail = (): TailReader => {
    const join = position.join();
    const frames = framesFor((stream, time) => join.isBehind(stream, time) && isNew(stream, time));
    return {
      write: frames.write,
      get incomplete() {
        return frames.incomplete;
      },
      get isJoined() {
        return join.isFound;
      },
    };
  };
  const tailByTime = (): FrameReader => {
    const had = position.time;
    sayLost();
    return framesFor((stream, time) => time > had && isNew(stream, time));
  };
  const reader = outputReader(lines, () => framesFor(isNew));
  return {
    write: reader.write,
    end: reader.end,
    get incomplete() {
      return reader.incomplete;
    },
    get isEmpty() {
      return position.isEmpty;
    },
    tail,
    tailByTime,
  };
}

/** The place of an entry in a log that only grows: its time, and how many of that time and stream stand in a row up to it. */
function createPosition() {
  let stream: OutputStream = 'stdout';
  let time = '';
  let count = 0;
  return {
    get time() {
      return time;
    },
    get isEmpty() {
      return count === 0;
    },
    moveTo(nextStream: OutputStream, nextTime: string): void {
      count = nextTime === time && nextStream === stream ? count + 1 : 1;
      stream = nextStream;
      time = nextTime;
    },
    /** Finds this place again. Clocks may be set back: the order is that of the log. */
    join() {
      const wanted = { stream, time };
      let left = count;
      return {
        get isFound() {
          return left === 0;
        },
        isBehind(atStream: OutputStream, atTime: string): boolean {
          if (left === 0) return true;
          if (atStream === wanted.stream && atTime === wanted.time) left--;
          return false;
        },
      };
    },
  };
}
