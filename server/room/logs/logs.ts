import { rm } from 'node:fs/promises';
import type { SeenLines } from '../../../builder/model/container.ts';
import type { LogHolder } from '../../store/contract/logChunks.ts';
import type { LogLine, LogText } from '../../words/logs.ts';
import { countFrom, type RemovedPart, removedParts } from './counts.ts';
import { type Follower, linesFrom, newFollowers } from './followers.ts';
import type { RingLimits } from './ring.ts';
import { sizeOf } from './segments.ts';
import { newLogSizes } from './sizes.ts';
import type { LogState } from './state.ts';
import { newLogStates } from './states.ts';
import { textOf } from './text.ts';
import type { LogWriter } from './writer.ts';
import { newWriters } from './writers.ts';

export type { LogWriter } from './writer.ts';

/** On whose behalf a log is written. */
export interface LogHold {
  /** Who must hold the lease of its attempt when the writing begins, where several processes may want to write. */
  holder?: LogHolder;
  /** Aborted where nobody waits any more for a store that is away: what is not stored by then is lost. */
  patience?: AbortSignal;
}

export interface LogsOptions {
  /** Where all logs are kept, each in a folder of its own. One process at a time. */
  folder: string;
  /** What one log may take on disk; above it the middle is removed, head and tail stay. Asked at each `write`; 256 MiB. */
  maxBytes?: () => number;
  /** The size of the pieces in which the middle is removed: an eighth of `maxBytes`, at most 32 MiB. */
  segmentBytes?: number;
  /** Bytes of the disk that no log may take, so that the database can still store: none. */
  reserveBytes?: number;
  /** What is kept in memory of each log that is written: 20000 lines, 2 MiB. */
  ring?: RingLimits;
  /** Longest time in milliseconds that a line waits for others to be written with: 30. */
  delayMs?: number;
  /** How long in milliseconds the newest lines of an ended log stay in memory: 30000. */
  lingerMs?: number;
}

/** The logs of all runs. A line is visible to readers once it is written, so that no crash takes it back. */
export interface Logs {
  /**
   * Begins to write a run's log, or goes on where it ends. `onFault` is called once where the disk fails; the build
   * should then end as disk_full. Where several processes share the logs it takes the log from whoever wrote it before,
   * for whom that is a fault, a LogTakenOver. Throws where this process is already writing the log, where its folder
   * cannot be made, and a LogTakenOver where `hold` names a lease that is held no more.
   */
  write(runId: string, onFault?: (fault: Error) => void, hold?: LogHold): Promise<LogWriter>;
  /** Number of the newest line, removed ones counted; undefined where there is no log. */
  lineCount(runId: string): Promise<number | undefined>;
  /**
   * How many lines of output, which are all but the server's own, there are from line `from` on, with which an attempt
   * begins. Lines of the middle that were removed count. Undefined where there is no log.
   */
  count(runId: string, from: number): Promise<SeenLines | undefined>;
  /** The newest `n` lines; undefined where there is no log. */
  tail(runId: string, n: number): Promise<LogText | undefined>;
  /** Lines `from` to `to`, as many of them as there are; undefined where there is no log. */
  range(runId: string, from: number, to: number): Promise<LogText | undefined>;
  /** The same lines one by one, in bounded groups; removed ones are left out. */
  lines(runId: string, from: number, to: number): AsyncIterable<LogLine[]>;
  /** Reads history and what comes as one sequence; also for a log that is not there yet. */
  follow(runId: string, from: number, onMore: () => void): Follower;
  /** What was removed of a log because it was too long, oldest first. */
  removedParts(runId: string): Promise<RemovedPart[]>;
  /** Bytes that a run's log takes on disk; 0 where there is none. */
  size(runId: string): Promise<number>;
  /** The same of many. */
  sizes(runIds: readonly string[]): Promise<number[]>;
  /** The same of all logs; the first time it looks at every file. */
  totalSize(): Promise<number>;
  /** Removes a log from disk and memory. Throws where it is being written. */
  remove(runId: string): Promise<void>;
  /** Removes many at once; gives why others could not be removed. */
  removeAll(runIds: readonly string[]): Promise<Map<string, Error>>;
  /** Frees the place of what was removed where that was put off, so that more of it goes at once; all of it for who waits. */
  tidy(isAsked: boolean): Promise<void>;
  /** Ends all writers. */
  close(): Promise<void>;
}

const defaultRing: RingLimits = { lines: 20_000, bytes: 2 * 1024 * 1024 };
const usualMaxBytes = 256 * 1024 * 1024;

export function openLogs(options: LogsOptions): Logs {
  const {
    folder,
    maxBytes = () => usualMaxBytes,
    ring = defaultRing,
    delayMs = 30,
    lingerMs = 30_000,
  } = options;
  const states = newLogStates(folder, ring);
  const followers = newFollowers((runId) => states.find(runId));
  const sizes = newLogSizes(folder);
  const writers = newWriters(states, {
    maxBytes,
    segmentBytes: options.segmentBytes,
    reserveBytes: options.reserveBytes ?? 0,
    delayMs,
    lingerMs,
    ring,
    onWritten: (runId) => followers.tell(runId),
    onSize: sizes.changed,
  });

  async function tail(runId: string, n: number): Promise<LogText | undefined> {
    const state = await states.find(runId);
    return state && textOf(state, state.last - n + 1, state.last);
  }

  async function range(runId: string, from: number, to: number): Promise<LogText | undefined> {
    const state = await states.find(runId);
    return state && textOf(state, from, to);
  }

  const size = async (runId: string): Promise<number> => bytesOf(await states.find(runId));

  async function remove(runId: string): Promise<void> {
    const state = await states.find(runId);
    if (!state) return;
    if (state.written) throw beingWritten(runId);
    states.forget(runId);
    await rm(state.folder, { recursive: true, force: true });
    sizes.changed(-bytesOf(state));
  }

  return {
    write: (runId, onFault = () => {}) => writers.open(runId, onFault),
    lineCount: async (runId) => (await states.find(runId))?.last,
    async count(runId, from) {
      const state = await states.find(runId);
      return state && countFrom(state, from);
    },
    tail,
    range,
    lines: (runId, from, to) =>
      linesFrom(
        followers.follow(runId, from, () => {}),
        to,
      ),
    follow: (runId, from, onMore) => followers.follow(runId, from, onMore),
    async removedParts(runId) {
      const state = await states.find(runId);
      return state ? removedParts(state) : [];
    },
    size,
    sizes: (runIds) => Promise.all(runIds.map(size)),
    totalSize: sizes.total,
    remove,
    removeAll: (runIds) => eachRemoved(runIds, remove),
    tidy: async () => {},
    close: () => writers.close(),
  };
}

/** Why a log cannot be removed now. */
export function beingWritten(runId: string): Error {
  return new Error(`the log of run ${runId} is being written and cannot be removed`);
}

async function eachRemoved(
  runIds: readonly string[],
  remove: (runId: string) => Promise<void>,
): Promise<Map<string, Error>> {
  const faults = new Map<string, Error>();
  for (const runId of runIds)
    await remove(runId).catch((error: unknown) => faults.set(runId, asError(error)));
  return faults;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function bytesOf(state: LogState | undefined): number {
  return (state?.segments ?? []).reduce((sum, segment) => sum + sizeOf(segment), 0);
}
