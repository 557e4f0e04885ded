import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { copyLogs, type CopiedLogs } from '../../room/logs/copying/copyLogs.ts';
import { type Logs, openLogs } from '../../room/logs/logs.ts';
import { openSharedLogs } from '../../room/logs/shared/logs.ts';
import { StartError } from '../../startError.ts';
import type { Source, Target } from '../../store/copy/ends.ts';
import { runIds } from '../../store/copy/tables.ts';
import type { Bus } from '../../store/contract/bus.ts';
import { type CopyPlace, logsIn } from './places.ts';

export interface LogsReport extends CopiedLogs {
  seconds: number;
}

/** Whether both have the same logs already. */
export function sharesLogs(from: CopyPlace, to: CopyPlace): boolean {
  return from.kind === 'sqlite' && to.kind === 'sqlite' && from.data === to.data;
}

/** Where logs are written that nobody sees yet. */
export interface LogDraft {
  /** Undefined where they are part of a database. */
  folder: string | undefined;
  /** Lets them be seen. */
  commit(): void;
  close(): void;
}

/** Throws a StartError where there are logs already. */
export function createLogDraft(to: CopyPlace): LogDraft {
  if (to.kind === 'postgres') return { folder: undefined, commit() {}, close() {} };
  const place = logsIn(to.data);
  if (statSync(place, { throwIfNoEntry: false }) && readdirSync(place).length > 0)
    throw new StartError(
      `${place} has logs of another store: remove it, if a copy left it that was broken off`,
    );
  const folder = `${place}.copying`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    folder,
    commit() {
      // An empty folder may be there, and gives way.
      renameSync(folder, place);
      syncFolder(dirname(place));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

interface LogsOfBoth {
  from: CopyPlace;
  draft: LogDraft;
  source: Source;
  target: Target;
}

/** Copies the logs of all runs, and compares them. */
export async function copyAllLogs(
  { from, draft, source, target }: LogsOfBoth,
  onLogs: (copied: CopiedLogs) => void,
): Promise<LogsReport> {
  const began = performance.now();
  const [one, other] = [
    logsOf(source, from.kind === 'sqlite' ? logsIn(from.data) : undefined),
    logsOf(target, draft.folder),
  ];
  try {
    const copied = await copyLogs(one, other, runIds(source), onLogs);
    return { ...copied, seconds: (performance.now() - began) / 1000 };
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}

/** No log loses its middle on the way, and none of them is read again soon. */
const maxBytes = () => Number.MAX_SAFE_INTEGER;
const ring = { lines: 1000, bytes: 64 * 1024 };
const lingerMs = 1;
/** Nobody else writes them. */
const pollMs = 3_600_000;
const silent: Bus = {
  tell() {},
  tellBehind() {},
  listen: () => () => undefined,
  onGap: () => () => undefined,
};

function logsOf({ chunks }: Source, folder: string | undefined): Logs {
  if (chunks)
    return openSharedLogs({
      shared: { bus: silent, chunks, now: Date.now },
      maxBytes,
      ring,
      lingerMs,
      pollMs,
    });
  if (folder === undefined) throw new Error('logs are neither in a folder nor in a database');
  return openLogs({ folder, maxBytes, segmentBytes: 32 * 1024 * 1024, ring, lingerMs });
}
