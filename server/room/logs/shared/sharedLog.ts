import type { LogHead } from '../../../store/contract/logChunks.ts';
import type { LogPiece } from '../piece.ts';
import { newRing, type Ring, type RingLimits } from '../ring.ts';

/** What this process has of one log in memory: while it writes or follows it, and some time after. */
export interface SharedLog {
  readonly runId: string;
  /** Number of the newest line that is known to be stored. */
  last: number;
  /** Tells it from a log of the same run that was removed; undefined where nobody has looked. */
  born: string | undefined;
  /** Set while this process writes it: then nobody else does, and no newer line is anywhere. */
  isWritten: boolean;
  /** What ends its stay some time after the last writer. */
  linger: NodeJS.Timeout | undefined;
  /** Its newest lines, as far as they are here. */
  ring(): Ring;
  /** Lines that are stored: those behind the newest ones that are here come to them, or take their place. */
  keep(piece: LogPiece): void;
  /** Whether line `from` comes right behind them. */
  goesOnAt(from: number): boolean;
}

/** What is kept of a log that another process writes: its readers here are mostly up to date. */
const followed: RingLimits = { lines: 4096, bytes: 256 * 1024 };

function newSharedLog(runId: string, written: RingLimits): SharedLog {
  let limits = followed;
  let ring = newRing(limits);
  let newest: number | undefined;
  return {
    runId,
    last: 0,
    born: undefined,
    isWritten: false,
    linger: undefined,
    ring: () => ring,
    keep(piece) {
      const wanted = this.isWritten ? written : followed;
      const goesOn = limits === wanted && piece.first === (newest ?? 0) + 1;
      if (!goesOn) ring = newRing(wanted);
      [limits, newest] = [wanted, piece.last];
      ring.push(piece);
    },
    goesOnAt: (from) => newest !== undefined && from === newest + 1,
  };
}

/** The logs that this process has something of. */
export interface SharedLogs {
  get(runId: string): SharedLog | undefined;
  /** What the database says of it: what is here of a log that was removed is forgotten. */
  see(runId: string, head: LogHead | undefined): void;
  /** Makes it known; to be let go of when it is used no more. */
  use(runId: string): SharedLog;
  /** Forgets it unless somebody writes or follows it, or wrote it a moment ago. */
  letGo(runId: string): void;
  forget(runId: string): void;
}

export function newSharedLogs(ring: RingLimits, isFollowed: (runId: string) => boolean): SharedLogs {
  const logs = new Map<string, SharedLog>();
  const forget = (runId: string) => {
    clearTimeout(logs.get(runId)?.linger);
    logs.delete(runId);
  };
  return {
    get: (runId) => logs.get(runId),
    use(runId) {
      const log = logs.get(runId) ?? newSharedLog(runId, ring);
      logs.set(runId, log);
      return log;
    },
    see(runId, head) {
      const log = logs.get(runId);
      if (!log || log.isWritten) return;
      if (!head || (log.born !== undefined && log.born !== head.born)) return forget(runId);
      log.born = head.born;
    },
    letGo(runId) {
      const log = logs.get(runId);
      if (log && !log.isWritten && log.linger === undefined && !isFollowed(runId)) logs.delete(runId);
    },
    forget,
  };
}
