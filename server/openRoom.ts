import { join } from 'node:path';
import { createSources } from '../builder/steps/source/sources.ts';
import type { Configuration } from './configuration.ts';
import { allowedSources, policyOf } from './policy.ts';
import { createEnginePool, type ListedEngine } from './room/engines.ts';
import { createRunEvents } from './room/events.ts';
import { openLogs } from './room/logs/logs.ts';
import { recover, sweepLeftovers, sweepOrphans } from './room/recover.ts';
import type { Report, Room } from './room/room.ts';
import { startWorker, type Worker } from './room/worker.ts';
import { openSqliteStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { StartError } from './startError.ts';
import { createSealer, loadSecretKey } from './words/seal.ts';

export interface RoomParts {
  configuration: Configuration;
  /** The data folder. */
  data: string;
  /** The engines of the settings as they are now. */
  engines: () => Promise<ListedEngine[]>;
  report: Report;
}

export interface OpenRoom {
  room: Room;
  worker: Worker;
  /** In the reverse order of the start. */
  close(): Promise<void>;
}

/** Opens the store and all that works on it, and takes up what an earlier process left. */
export async function openRoom({ configuration, data, engines, report }: RoomParts): Promise<OpenRoom> {
  const listed = await engines();
  const key = loadKey(data, configuration);
  const store = await openStore(data);
  const sources = createSources({
    folder: join(data, 'sources'),
    allowed: () => allowedSources(configuration),
  });
  // The worker needs the room, and the room wakes the worker.
  const worker: { current?: Worker } = {};
  const pool = createEnginePool({
    report,
    greet: (engine) => sweepOrphans(room, engine),
    tend: (engine) => sweepLeftovers(room, engine),
    onReachable: () => room.wake(),
    now: Date.now,
    retryMs: 1000,
    checkMs: 10_000,
  });
  const room: Room = {
    store,
    logs: openLogs({
      folder: join(data, 'logs'),
      maxBytes: () => configuration.current.settings.limits.logBytes,
    }),
    sources,
    engines: pool,
    events: createRunEvents(),
    sealer: createSealer(key),
    wake: () => worker.current?.wake(),
    interrupt: (runId) => worker.current?.interrupt(runId) ?? false,
    policy: () => policyOf(configuration),
    report,
    now: Date.now,
    closing: new AbortController(),
  };
  await recover(room);
  pool.replace(listed);
  worker.current = startWorker(room);
  configuration.onChange(() => void changeEngines(room, engines));
  return {
    room,
    worker: worker.current,
    async close() {
      pool.close();
      await sources.close();
      await room.logs.close();
      await store.close();
    },
  };
}

async function changeEngines(
  { engines, report }: Room,
  listed: () => Promise<ListedEngine[]>,
): Promise<void> {
  try {
    engines.replace(await listed());
  } catch (error) {
    report.error({ error }, 'the changed engines cannot be used; the last good ones stay');
  }
}

function loadKey(data: string, { environment }: Configuration): Buffer {
  try {
    return loadSecretKey(data, environment.secretKey);
  } catch (error) {
    throw asStartError(error);
  }
}

async function openStore(data: string): Promise<Store> {
  try {
    return await openSqliteStore(data);
  } catch (error) {
    throw asStartError(error);
  }
}

function asStartError(error: unknown): StartError {
  return new StartError(error instanceof Error ? error.message : String(error), { cause: error });
}
