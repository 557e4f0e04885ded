import { join } from 'node:path';
import { type Logs, openLogs } from './room/logs/logs.ts';
import { openSharedLogs } from './room/logs/shared/logs.ts';
import type { Store } from './store/store.ts';

/** Of the disk with the data folder: a log ends before it takes them, because the database has to store that end. */
const reservedBytes = 16 * 1024 * 1024;

/** Logs are where all who work on the runs can read them: in the data folder of one process, or in the database of several. */
export function openRunLogs({ shared }: Store, data: string, maxBytes: () => number): Logs {
  if (shared) return openSharedLogs({ shared, maxBytes });
  return openLogs({ folder: join(data, 'logs'), maxBytes, reserveBytes: reservedBytes });
}
