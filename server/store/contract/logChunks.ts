import type { SeenLines } from '../../../builder/model/container.ts';

/** Neighbouring lines of a log as they are stored: together, and never in a part of one line. */
export interface LogChunk {
  first: number;
  last: number;
  /** Of their text, each line ended by "\n"; 0 where it was removed. */
  textBytes: number;
  /** Their text, times and streams, packed; null where they were removed because the log passed its limit. */
  body: Uint8Array | null;
}

export interface NewLogChunk extends LogChunk {
  /** The line with which began who wrote it. What was removed is kept account of for each of those by itself. */
  since: number;
  /** What it counts against the limit of its log; 0 where it was removed. */
  raw: number;
  /** What it takes in the database. */
  stored: number;
  seen: SeenLines;
}

/** Lines of one log that are to be stored together, all or none, and once, however often it is tried. */
export interface LogCommit {
  runId: string;
  writer: string;
  /** How many commits the log had before this one. */
  commits: number;
  /** Number of the newest line that the log has then. */
  last: number;
  /** What it adds to the log, in the measures of `NewLogChunk`. */
  raw: number;
  stored: number;
  /** All chunks from the one with this first line on are replaced. */
  replaceFrom: number | undefined;
  chunks: readonly NewLogChunk[];
  /** Above this, of `raw`, the log loses its middle; nothing from line `keepFrom` on. */
  maxRaw: number;
  keepFrom: number;
}

/** Who wants to write a log: the holder of the lease of an attempt of its run. */
export interface LogHolder {
  attemptId: string;
  leaseId: string;
}

export interface LogHead {
  /** Number of the newest line, removed ones counted; 0 where there is none. */
  last: number;
  /** Another one where the log was removed and begun anew. */
  born: string;
}

/** What became of a commit: another writer has the log now, or it was removed. */
export type LogVerdict = 'stored' | 'taken over' | 'removed';

/** What a text of some lines is made of. */
export interface LogOutline {
  /** Of all whole chunks that the lines are in. */
  textBytes: number;
  /** How many of these have a text. */
  chunks: number;
  /** The first and the last of them: one where they are the same. */
  edges: readonly LogChunk[];
  /** Those of them that were removed. */
  gaps: readonly Pick<LogChunk, 'first' | 'last'>[];
}

/** What was removed of a log, with what is known of it. */
export interface RemovedChunk extends SeenLines {
  first: number;
  last: number;
}

/** A day of logs, by when their runs were made: all of it can be dropped at once. */
export interface LogDay {
  /** `2026-11-22`. */
  day: string;
  /** When it is over, in milliseconds since 1970. */
  endsAt: number;
  /** Logs of it that are there, and what they take. */
  logs: number;
  keptBytes: number;
  /** Logs of it that were removed, and still take their place; when the first of them was, null where there is none. */
  removed: number;
  removedSince: number | null;
}

/** Logs in chunks, by run, for any number of processes. Ids are UUIDs; of version 7, in the order of their time. */
export interface LogChunks {
  /** Makes the days to come, where they are missing. Whose day is missing is kept beside them. */
  makeDays(): Promise<void>;
  /**
   * Gives the log to a writer, and takes it from who had it before; undefined where `holder` holds no lease any more. A
   * log that is not there is begun.
   */
  begin(
    runId: string,
    writer: string,
    holder?: LogHolder,
  ): Promise<(LogHead & { commits: number }) | undefined>;
  /** All in one transaction, durable when it resolves; what became of each, in their order. */
  append(commits: readonly LogCommit[]): Promise<LogVerdict[]>;
  /** Without those logs that are not there. */
  heads(runIds: readonly string[]): Promise<Map<string, LogHead>>;
  /** Chunks from the one with line `from` on: as many as have about so many bytes of text, at least one where there is one. */
  read(runId: string, from: number, textBytes: number): Promise<LogChunk[]>;
  outline(runId: string, from: number, to: number): Promise<LogOutline>;
  /** Of all chunks that begin with line `from` or later, and the one before them, where it has that line. */
  count(runId: string, from: number): Promise<{ seen: SeenLines; begun: LogChunk | undefined }>;
  removedParts(runId: string): Promise<RemovedChunk[]>;
  /** Bytes that logs take; without those that are not there. */
  sizes(runIds: readonly string[]): Promise<Map<string, number>>;
  totalSize(): Promise<number>;
  /** Removes logs. Their place is free when their day is dropped, or `forget` is told to. */
  remove(runIds: readonly string[]): Promise<void>;
  /** Those days that were made, oldest first. */
  days(): Promise<LogDay[]>;
  /** Drops a day. Logs of it that are there are kept beside the days. Fails where it would keep others waiting. */
  dropDay(day: string): Promise<void>;
  /** Frees the place of removed logs of a day; of those that are kept beside the days where none is given. */
  forget(day?: string): Promise<void>;
}
