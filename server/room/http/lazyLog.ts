import { createLineAssembler } from '../../../builder/model/lines.ts';
import type { LogStream } from '../../../builder/model/log.ts';
import type { LogWriter } from '../logs/logs.ts';
import type { Redact } from '../masking.ts';

/** Where the lines of one attempt stand in the log of its run; null where it wrote none. */
export interface LogRange {
  firstLine: number | null;
  lastLine: number | null;
}

/**
 * The log of an attempt that rarely says anything: its files cost more than all the rest of a short call, so they are
 * made with the first line that is worth them. Nothing of it throws.
 */
export interface LazyLog {
  /** A line of the server's own. It waits for one that is worth a file, and is dropped where none comes. */
  note(sentence: string): void;
  /** Lines that are worth a file; dropped after the end. Resolves when there is room for more. */
  write(stream: LogStream, text: string): Promise<void>;
  /** Whoever writes now waits for room. */
  readonly isFull: boolean;
  /** Resolves when all is durable; `keep` says whether what was only noted is worth a file. */
  end(keep: boolean): Promise<LogRange>;
}

export interface LazyLogOptions {
  open: () => Promise<LogWriter>;
  /** Asked when the first line is written. */
  redact: () => Redact;
  onFault: (error: unknown) => void;
}

export function newLazyLog({ open, redact, onFault }: LazyLogOptions): LazyLog {
  let waiting: [stream: LogStream, block: string][] = [];
  let opening: Promise<void> | undefined;
  let [ended, isOpening] = [false, false];
  let opened: { writer: LogWriter; redact: Redact; firstLine: number } | undefined;
  // What an endpoint sends is no more to be trusted than the output of a build.
  const lines = createLineAssembler((stream, block) => {
    if (opened) opened.writer.append(stream, opened.redact(block));
    else waiting.push([stream, block]);
  });

  async function begin(): Promise<void> {
    isOpening = true;
    try {
      const writer = await open();
      opened = { writer, redact: redact(), firstLine: writer.lastLine + 1 };
      for (const [stream, block] of waiting) writer.append(stream, opened.redact(block));
    } catch (error) {
      onFault(error);
    }
    waiting = [];
    isOpening = false;
  }

  return {
    get isFull() {
      return isOpening || opened?.writer.congested !== undefined;
    },
    note: (sentence) => lines.write('system', `${sentence}\n`),
    async write(stream, text) {
      // A writer that begins now would stay open for ever.
      if (ended) return;
      lines.write(stream, `${text}\n`);
      await (opening ??= begin());
      await opened?.writer.congested;
    },
    async end(keep) {
      ended = true;
      if (keep && waiting.length > 0) opening ??= begin();
      await opening;
      if (!opened) return { firstLine: null, lastLine: null };
      const { writer, firstLine } = opened;
      await writer.end();
      if (writer.fault) onFault(writer.fault);
      return { firstLine, lastLine: writer.lastLine };
    },
  };
}
