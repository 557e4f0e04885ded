import { makeLogFolder } from './files.ts';
import type { LogHold } from './logs.ts';
import { newRing, type RingLimits } from './ring.ts';
import type { LogState } from './state.ts';
import type { LogStates } from './states.ts';
import { type LogWriter, newWriter } from './writer.ts';

/** Those who write logs: at most one for each run. */
export interface Writers {
  open(runId: string, onFault: (fault: Error) => void, hold?: LogHold): Promise<LogWriter>;
  close(): Promise<void>;
}

export interface WritersOptions {
  maxBytes: () => number;
  segmentBytes: number | undefined;
  reserveBytes: number;
  delayMs: number;
  /** How long in milliseconds the ring stays after the last line. */
  lingerMs: number;
  ring: RingLimits;
  onWritten: (runId: string) => void;
  /** A log takes so many bytes more, or less, on the disk. */
  onSize: (bytes: number) => void;
}

const largestSegment = 32 * 1024 * 1024;

export function newWriters(states: LogStates, options: WritersOptions): Writers {
  const open = new Set<LogWriter>();

  async function openWriter(runId: string, onFault: (fault: Error) => void): Promise<LogWriter> {
    const state = await states.findOrBegin(runId);
    take(state, runId);
    await makeLogFolder(state.folder).catch((error: unknown) => {
      release(state);
      throw error;
    });
    const onEnd = (): void => {
      open.delete(writer);
      release(state);
    };
    const maxBytes = options.maxBytes();
    const writer = newWriter(state, {
      ...options,
      maxBytes,
      segmentBytes: options.segmentBytes ?? Math.min(largestSegment, maxBytes / 8),
      onWritten: () => options.onWritten(runId),
      onFault,
      onEnd,
    });
    open.add(writer);
    return writer;
  }

  function release(state: LogState): void {
    state.written = false;
    state.linger = setTimeout(() => {
      state.ring = newRing(options.ring);
      state.linger = undefined;
    }, options.lingerMs).unref();
  }

  async function close(): Promise<void> {
    await Promise.all([...open].map((writer) => writer.end()));
  }

  return { open: openWriter, close };
}

function take(state: LogState, runId: string): void {
  if (state.written) throw new Error(`the log of run ${runId} is already being written`);
  state.written = true;
  clearTimeout(state.linger);
  state.linger = undefined;
}
