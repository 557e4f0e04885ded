import { freeLogs, goneBytes } from './logs.ts';
import { freeMirrors, sum } from './mirrors.ts';
import type { Room } from '../room.ts';
import type { Pass } from './pass.ts';
import type { DataReport } from './report.ts';

/** What the data folder holds, in bytes. */
export async function dataBytes({
  store,
  housekeeping,
  logs,
  sources,
}: Pick<Room, 'store' | 'housekeeping' | 'logs' | 'sources'>): Promise<Omit<DataReport, 'removedBytes'>> {
  return {
    databaseBytes: await housekeeping.otherBytes(),
    // What processes share is in the database, and not here.
    logBytes: store.shared ? 0 : await logs.totalSize(),
    mirrorBytes: sum(await sources.mirrors.list()),
  };
}

/** Makes room in the data folder: what can be fetched again goes first. `held` is what was there before the clean-up. */
export async function cleanData(pass: Pass, held: Omit<DataReport, 'removedBytes'>): Promise<void> {
  const { highBytes, lowBytes } = pass.rules.data;
  const hasLogs = pass.room.store.shared === undefined;
  const removed = hasLogs ? removedBytes(pass) : pass.mirrors.removed.bytes;
  const total = held.databaseBytes + held.logBytes + held.mirrorBytes - removed;
  if (highBytes === 0 || total <= highBytes) return;
  const why = 'the data folder is above its budget';
  const freed = await freeMirrors(pass, total - lowBytes, why);
  if (hasLogs) await freeLogs(pass, total - lowBytes - freed, why);
}

/** Of the data folder, so far. */
export function removedBytes(pass: Pass): number {
  return goneBytes(pass) + pass.mirrors.removed.bytes;
}
