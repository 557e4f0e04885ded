import { join } from 'node:path';
import { type Environment, readEnvironment } from './config/environment.ts';
import { openConfiguration } from './configuration.ts';
import { makeDataFolder } from './dataFolder.ts';
import { createEngineList } from './engineList.ts';
import { closeServer, listen } from './listen.ts';
import { openRoom } from './openRoom.ts';
import { openWeb } from './openWeb.ts';
import { createReport } from './report.ts';
import { archiveOld } from './room/archive.ts';
import { forgetOldDeliveries } from './room/deliveries.ts';
import { every } from './room/every.ts';
import { finishRemovals } from './room/jobs/remove.ts';
import { endSilent } from './room/http/report.ts';
import { forgetOldStats } from './room/forgetStats.ts';
import { forgetOldNotifications } from './room/notify/forget.ts';
import { createReaper } from './room/recover.ts';
import { watchBudgets } from './room/retention/watch.ts';
import type { Room } from './room/room.ts';
import { settleWaitingRuns } from './room/schedule/waiting.ts';
import type { Worker } from './room/worker.ts';
import { onStopSignals } from './signals.ts';

// An `import` of it reads all that it has, and with its WebSocket comes an HTTP client of 4 MB that nobody uses here.
const { createServer } = process.getBuiltinModule('node:http');

/** How long an answer that is being sent, or waited for, has at the end, in milliseconds. */
const lastAnswersMs = 1000;
const hourMs = 3_600_000;
const waitingMs = 30_000;
const keyUsesMs = 30_000;
const silentMs = 5000;
const wishesMs = 2000;

/** Runs the build server until it is told to stop. Throws a ConfigError or a StartError where it cannot start. */
export async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const environment = readEnvironment(env);
  const report = createReport(environment);
  const data = makeDataFolder(environment.dataFolder);
  const configuration = await openConfiguration(environment, join(data, 'settings.json'), report);
  const listEngines = createEngineList(env, environment.slots);
  const { room, worker, scheduler, notifier, close } = await openRoom({
    configuration,
    data,
    engines: () => listEngines(configuration.current.settings),
    report,
  });
  const { app, live } = openWeb(room, configuration, data);
  const server = createServer({ keepAliveTimeout: 65_000 }, app);
  server.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head));
  const url = await listen(server, environment);
  const stopChores = startChores(room, worker, environment);
  report.info({ url, data }, 'docker-builder listens');

  onStopSignals({
    report,
    hurry: () => worker.hurry(),
    async stop() {
      await worker.stop(environment.graceMs);
      await scheduler.stop();
      stopChores();
      await notifier.stop(lastAnswersMs);
      room.closing.abort();
      await live.close();
      await closeServer(server, lastAnswersMs);
      await close();
      await configuration.close();
    },
  });
}

/** Where an engine has just come back, that was done already. */
async function adoptAll({ engines }: Room, worker: Worker): Promise<void> {
  const there = engines.seats().filter(({ state }) => state === 'ok');
  await Promise.all(there.map((seat) => worker.adopt(seat)));
}

function startChores(room: Room, worker: Worker, { leaseMs, archiveAfterMs }: Environment): () => void {
  const stops = [
    every(leaseMs / 2, 'closing lost attempts', room.report, createReaper(room)),
    every(leaseMs / 2, 'taking over containers', room.report, () => adoptAll(room, worker)),
    every(silentMs, 'ending calls of silent endpoints', room.report, () => endSilent(room)),
    every(waitingMs, 'looking at runs that wait for others', room.report, () => settleWaitingRuns(room)),
    every(waitingMs, 'removing what is left of deleted jobs', room.report, () => finishRemovals(room)),
    every(keyUsesMs, 'noting when keys were used', room.report, () => room.keyring.saveUses()),
    every(hourMs, 'forgetting old deliveries', room.report, () => forgetOldDeliveries(room)),
    every(hourMs, 'forgetting old webhooks', room.report, () => forgetOldNotifications(room)),
    every(hourMs, 'forgetting old figures', room.report, () => forgetOldStats(room)),
    watchBudgets(room),
  ];
  // Where other processes have the store open, too, they may be told what we are not.
  if (room.store.shared)
    stops.push(every(wishesMs, 'looking at what is paused', room.report, () => room.wishes.refresh()));
  if (archiveAfterMs > 0) {
    const ms = Math.min(archiveAfterMs, 60_000);
    stops.push(every(ms, 'archiving', room.report, () => archiveOld(room)));
  }
  return () => {
    for (const stop of stops) stop();
  };
}
