import { freeLogs, goneBytes } from './logs.ts';
import { freeMirrors, sum } from './mirrors.ts';
import type { Room } from '../room.ts';
import type { Pass } from './pass.ts';
import type { DataReport } from './report.ts';

/** What the data folder holds, in bytes. */
export async function dataBytes({
  housekeeping,
  logs,
  sources,
}: Pick<Room, 'housekeeping' | 'logs' | 'sources'>): Promise<Omit<DataReport, 'removedBytes'>> {
  return {
    databaseBytes: await housekeeping.otherBytes(),
    logBytes: await logs.totalSize(),
    mirrorBytes: sum(await sources.mirrors.list()),
  };
}

/** Makes room in the data folder: what can be fetched again goes first. `held` is what was there before the clean-up. */
export async function cleanData(pass: Pass, held: Omit<DataReport, 'removedBytes'>): Promise<void> {
  const { highBytes, lowBytes } = pass.rules.data;
  const total = held.databaseBytes + held.logBytes + held.mirrorBytes - removedBytes(pass);
  if (highBytes === 0 || total <= highBytes) return;
  const why = 'the data folder is above its budget';
  const freed = await freeMirrors(pass, total - lowBytes, why);
  await freeLogs(pass, total - lowBytes - freed, why);
}

/** Of the data folder, so far. */
export function removedBytes(pass: Pass): number {
  return goneBytes(pass) + pass.mirrors.removed.bytes;
}
