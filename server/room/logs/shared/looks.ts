import type { LogChunks } from '../../../store/contract/logChunks.ts';
import type { LogGap } from '../../../words/logs.ts';
import type { LogPiece } from '../piece.ts';
import { storedItem } from './read.ts';
import type { SharedLog } from './sharedLog.ts';

export type LogItem = LogPiece | LogGap | undefined;

/**
 * Reads what comes at line `from` of a log: from memory where it is there, else from the database, once for all who ask for
 * the same. Undefined where nothing more was stored when it was called.
 */
export type LookAt = (log: SharedLog, from: number) => Promise<LogItem>;

export function newLooks(chunks: Pick<LogChunks, 'read'>): LookAt {
  const looks = new Map<string, Promise<LogItem>>();

  function look(log: SharedLog, from: number, key: string): Promise<LogItem> {
    const isNewest = from > log.last;
    const looking = storedItem(chunks, log.runId, from)
      .then((item) => kept(log, item, isNewest))
      .finally(() => looks.delete(key));
    looks.set(key, looking);
    return looking;
  }

  return async (log, from) => {
    if (log.isWritten && from > log.last) return undefined;
    const held = log.ring().pieceFrom(from);
    if (held) return held;
    // What one finds is for all; that there is nothing is true only of a look that began later.
    const key = `${log.runId} ${from}`;
    const found = await looks.get(key);
    return found ?? looks.get(key) ?? look(log, from, key);
  };
}

/** The newest lines are kept for all who are up to date; old ones would take their place. */
function kept(log: SharedLog, item: LogItem, isNewest: boolean): LogItem {
  if (!item || log.isWritten) return item;
  log.last = Math.max(log.last, item.last);
  if (item.kind === 'gap' || !(isNewest || log.goesOnAt(item.first))) return item;
  log.keep(item);
  return log.ring().pieceFrom(item.first);
}
