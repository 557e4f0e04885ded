import type { CopiedLogs } from '../../room/logs/copying/copyLogs.ts';
import { StartError } from '../../startError.ts';
import { copyStore, type CopyProgress, type TableReport } from '../../store/copy/copy.ts';
import type { Source, Target } from '../../store/copy/ends.ts';
import { openSqliteSource } from '../../store/copy/sqliteSource.ts';
import { openSqliteTarget } from '../../store/copy/sqliteTarget.ts';
import { storeTables } from '../../store/copy/tables.ts';
import { lockData } from './dataLocks.ts';
import { copyKey, refuseOtherKey } from './keys.ts';
import { copyAllLogs, createLogDraft, type LogsReport, sharesLogs } from './logs.ts';
import { type CopyPlace, isSamePlace } from './places.ts';

export interface CopyReport {
  tables: TableReport[];
  /** Undefined where both use the same logs. */
  logs: LogsReport | undefined;
  /** What is left to a person about the key. */
  key: string;
}

export interface WholeProgress extends CopyProgress {
  logs(copied: CopiedLogs): void;
}

/**
 * Copies a store with its logs to an empty place, compares all of it, and lets it be seen there only then.
 *
 * @throws Error with a sentence for a person; nothing was copied then
 */
export async function copyAll(from: CopyPlace, to: CopyPlace, progress: WholeProgress): Promise<CopyReport> {
  if (isSamePlace(from, to)) throw new StartError('FROM and TO are the same store');
  refuseOtherKey(from, to);
  const opened: { close(): unknown }[] = [];
  const kept = <T extends { close(): unknown }>(one: T): T => {
    opened.push(one);
    return one;
  };
  try {
    const source = kept(await openSource(from));
    const target = kept(await openTarget(to));
    kept(lockData(from, to));
    const draft = sharesLogs(from, to) ? undefined : kept(createLogDraft(to));
    const tables = await copyStore(source, target, progress);
    const logs = draft && (await copyAllLogs({ from, draft, source, target }, (some) => progress.logs(some)));
    const key = copyKey(from, to);
    draft?.commit();
    await target.commit();
    return { tables, logs, key };
  } finally {
    for (const one of opened.toReversed()) await one.close();
  }
}

async function openSource(place: CopyPlace): Promise<Source> {
  if (place.kind === 'sqlite') return openSqliteSource(place.place);
  const { openPostgresSource } = await import('../../store/copy/postgresSource.ts');
  return openPostgresSource(place.url);
}

async function openTarget(place: CopyPlace): Promise<Target> {
  const options = { now: Date.now(), tables: storeTables() };
  if (place.kind === 'sqlite') return openSqliteTarget(place.place, options);
  const { openPostgresTarget } = await import('../../store/copy/postgresTarget.ts');
  return openPostgresTarget(place.url, options);
}
