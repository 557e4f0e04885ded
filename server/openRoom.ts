import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBytes } from '../builder/steps/folderBytes.ts';
import { createSources } from '../builder/steps/source/sources.ts';
import type { Environment } from './config/environment.ts';
import { refuseUnguarded } from './config/guard.ts';
import type { Configuration } from './configuration.ts';
import { openServerStore } from './openStore.ts';
import { allowedSources, policyOf } from './policy.ts';
import { createEnginePool } from './room/engines.ts';
import type { EngineSeat, ListedEngine } from './room/engines/seat.ts';
import { createWishes } from './room/engines/wishes.ts';
import { createRunEvents } from './room/events.ts';
import { createCircuits } from './room/http/circuits.ts';
import { lazyHttpClient } from './room/http/lazyClient.ts';
import { createKeyring, type Keyring } from './room/keys/keyring.ts';
import { openLogs } from './room/logs/logs.ts';
import { type Notifier, startNotifier } from './room/notify/notifier.ts';
import { createHousekeeping } from './room/retention/housekeeping.ts';
import { recover, sweepLeftovers, sweepOrphans } from './room/recover.ts';
import type { Report, Room } from './room/room.ts';
import { setQueues } from './room/queues/queues.ts';
import { type Scheduler, startScheduler } from './room/schedule/scheduler.ts';
import { startWorker, type Worker } from './room/worker.ts';
import type { Queue } from './store/contract/runs.ts';
import type { Store } from './store/store.ts';
import { StartError } from './startError.ts';
import { createRunTokens } from './words/runToken.ts';
import { createSealer, loadSecretKey } from './words/seal.ts';

/** Of the disk with the data folder: a log ends before it takes them, because the database has to store that end. */
const reservedBytes = 16 * 1024 * 1024;

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
  scheduler: Scheduler;
  notifier: Notifier;
  /** In the reverse order of the start. */
  close(): Promise<void>;
}

/** Opens the store and all that works on it, and takes up what an earlier process left. */
export async function openRoom({ configuration, data, engines, report }: RoomParts): Promise<OpenRoom> {
  const listed = await engines();
  const { allowPrivate, database, httpSlots } = configuration.environment;
  const sealer = createSealer(loadKey(data, configuration));
  const store = await openServerStore({ data, database });
  const now = store.shared?.now ?? Date.now;
  const keyring = createKeyring({ store, now });
  await refuseUnguardedStore(configuration.environment, keyring, store);
  const sources = createSources({
    folder: join(data, 'sources'),
    allowed: () => allowedSources(configuration),
  });
  // Who works in the room needs it, and the room wakes them.
  const worker: { current?: Worker } = {};
  const scheduler: { current?: Scheduler } = {};
  const notifier: { current?: Notifier } = {};
  const wishes = createWishes({ store, now, onChange: () => room.wake() });
  const pool = createEnginePool({
    report,
    wishes,
    greet: (seat) => greet(room, worker.current, seat),
    tend: ({ engine }) => sweepLeftovers(room, engine),
    onReachable: () => room.wake(),
    now,
    retryMs: 1000,
    checkMs: 10_000,
  });
  const room: Room = {
    store,
    logs: openLogs({
      folder: join(data, 'logs'),
      maxBytes: () => configuration.current.settings.limits.logBytes,
      reserveBytes: reservedBytes,
    }),
    sources,
    engines: pool,
    wishes,
    events: createRunEvents(),
    sealer,
    tokens: createRunTokens(sealer.deriveKey('run tokens')),
    http: lazyHttpClient({ allowPrivate, connections: httpSlots }),
    circuits: createCircuits({ now }),
    dispatches: new Map(),
    keyring,
    housekeeping: createHousekeeping(() => filesIn(data)),
    wake() {
      worker.current?.wake();
      scheduler.current?.wake();
    },
    wakeNotifier: () => notifier.current?.wake(),
    interrupt: (runId) => worker.current?.interrupt(runId) ?? false,
    policy: () => policyOf(configuration),
    report,
    now,
    closing: new AbortController(),
  };
  await recover(room);
  await recallWishes(room);
  await setQueues(room, queuesOf(configuration));
  pool.replace(listed);
  worker.current = startWorker(room);
  scheduler.current = startScheduler(room);
  notifier.current = startNotifier(room);
  configuration.onChange(() => {
    void changeEngines(room, engines);
    void changeQueues(room, configuration);
  });
  return {
    room,
    worker: worker.current,
    scheduler: scheduler.current,
    notifier: notifier.current,
    async close() {
      pool.close();
      await sources.close();
      await room.http.close();
      await keyring.saveUses();
      await room.logs.close();
      await store.close();
    },
  };
}

/** Puts in order what is on an engine that answers again, before anything new begins there. */
async function greet(room: Room, worker: Worker | undefined, seat: EngineSeat): Promise<void> {
  await sweepOrphans(room, seat.engine);
  await worker?.adopt(seat);
}

async function recallWishes({ wishes, report }: Room): Promise<void> {
  await wishes.refresh();
  const state = wishes.server();
  if (state !== 'on') report.warn({ state }, 'nothing is started until POST /server/resume');
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

async function changeQueues(room: Room, configuration: Configuration): Promise<void> {
  try {
    await setQueues(room, queuesOf(configuration));
  } catch (error) {
    room.report.error({ error }, 'the changed queues are not in use yet; the next start takes them');
  }
}

function queuesOf({ current }: Configuration): Queue[] {
  return current.settings.queues.map(({ maxRunning = null, ...queue }) => ({ ...queue, maxRunning }));
}

/** The database, where it is there, and the settings: all that is no log and no mirror. */
async function filesIn(folder: string): Promise<number> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ name }) => fileBytes(join(folder, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function refuseUnguardedStore(environment: Environment, keyring: Keyring, store: Store): Promise<void> {
  try {
    refuseUnguarded(environment, await keyring.hasKeys());
  } catch (error) {
    await store.close();
    throw error;
  }
}

function loadKey(data: string, { environment }: Configuration): Buffer {
  try {
    return loadSecretKey(data, environment.secretKey);
  } catch (error) {
    throw asStartError(error);
  }
}

function asStartError(error: unknown): StartError {
  return new StartError(error instanceof Error ? error.message : String(error), { cause: error });
}
