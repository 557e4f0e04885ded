import type { LogChunks, LogHead } from '../../../store/contract/logChunks.ts';
import { StoreUnavailable } from '../../../words/storeUnavailable.ts';
import { uuid7 } from '../../../words/uuid7.ts';
import { isLogId, notALogId } from '../logId.ts';
import type { LogHold } from '../logs.ts';
import { LogTakenOver } from '../takenOver.ts';
import type { LogWriter } from '../writer.ts';
import type { Writers } from '../writers.ts';
import { watchPatience } from './patience.ts';
import type { SharedLog, SharedLogs } from './sharedLog.ts';
import { newSharedWriter, type SharedWriter, type WriterTools } from './writer.ts';

export interface SharedWritersOptions extends WriterTools {
  maxBytes: () => number;
  chunkBytes: number;
  /** How long in milliseconds the newest lines stay after the last one. */
  lingerMs: number;
  /** How long in milliseconds an end of all waits for the database. */
  closeMs: number;
  onStored: (log: SharedLog) => void;
}

export interface SharedWriters extends Writers {
  /** Whether this process writes the log. */
  has(runId: string): boolean;
}

/** A log that this process has from now on. */
interface Taken extends LogHead {
  log: SharedLog;
  writer: string;
  commits: number;
}

/** Between two looks whether days are to be made, in milliseconds. */
const daysMs = 3_600_000;

/** Of each log one at a time in this process; of all processes the one that began last. */
export function newSharedWriters(
  logs: SharedLogs,
  chunks: Pick<LogChunks, 'begin' | 'makeDays'>,
  options: SharedWritersOptions,
): SharedWriters {
  const open = new Set<SharedWriter>();
  const taken = new Set<string>();
  const makeDays = newDays(chunks);

  async function openWriter(
    runId: string,
    onFault: (fault: Error) => void,
    hold: LogHold = {},
  ): Promise<LogWriter> {
    if (!isLogId(runId)) throw notALogId(runId);
    if (taken.has(runId)) throw new Error(`the log of run ${runId} is already being written`);
    taken.add(runId);
    try {
      await makeDays();
      return opened(await begun(runId, hold), onFault, hold);
    } catch (error) {
      taken.delete(runId);
      throw error;
    }
  }

  async function begun(runId: string, { holder }: LogHold): Promise<Taken> {
    const writer = uuid7();
    const head = await chunks.begin(runId, writer, holder);
    if (!head) throw new LogTakenOver('another worker holds the attempt');
    logs.see(runId, head);
    const log = logs.use(runId);
    clearTimeout(log.linger);
    Object.assign(log, { last: head.last, born: head.born, isWritten: true, linger: undefined });
    return { ...head, log, writer };
  }

  function opened(
    { log, ...head }: Taken,
    onFault: (fault: Error) => void,
    { patience }: LogHold,
  ): LogWriter {
    const maxBytes = options.maxBytes();
    const shared = newSharedWriter(log, {
      ...options,
      ...head,
      runId: log.runId,
      maxBytes,
      // The middle is removed in whole chunks.
      chunkBytes: Math.min(options.chunkBytes, Math.ceil(maxBytes / 32)),
      onStored: () => options.onStored(log),
      onFault(fault) {
        release(log);
        onFault(fault);
      },
      onEnd() {
        stopWatching();
        open.delete(shared);
        if (!shared.writer.fault) release(log);
      },
    });
    const giveUp = () => shared.giveUp(gone());
    const stopWatching = watchPatience(patience, () => log.last, giveUp);
    open.add(shared);
    return shared.writer;
  }

  function release(log: SharedLog): void {
    taken.delete(log.runId);
    log.isWritten = false;
    log.linger = setTimeout(() => {
      log.linger = undefined;
      logs.letGo(log.runId);
    }, options.lingerMs).unref();
  }

  async function close(): Promise<void> {
    const giveUp = setTimeout(() => {
      for (const shared of open) shared.giveUp(gone());
    }, options.closeMs);
    await Promise.all([...open].map(({ writer }) => writer.end()));
    clearTimeout(giveUp);
  }

  return { open: openWriter, has: (runId) => taken.has(runId), close };
}

/** Where they cannot be made now, logs are kept beside the days, and it is tried again later. */
function newDays(chunks: Pick<LogChunks, 'makeDays'>): () => Promise<void> {
  let made = -Infinity;
  return async () => {
    if (performance.now() < made + daysMs) return;
    made = performance.now();
    await chunks.makeDays().catch(() => undefined);
  };
}

function gone(): StoreUnavailable {
  return new StoreUnavailable('the database did not come back in time');
}
