import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from './config/environment.ts';
import { openConfiguration } from './configuration.ts';
import { makeDataFolder } from './dataFolder.ts';
import { createEngineList } from './engineList.ts';
import { closeServer, listen } from './listen.ts';
import { openRoom } from './openRoom.ts';
import { patientReport } from './patientReport.ts';
import { createReport } from './report.ts';
import { startChores } from './roles/chores.ts';
import { openRoleWeb } from './roles/openWeb.ts';
import { onStopSignals } from './signals.ts';

// An `import` of it reads all that it has, and with its WebSocket comes an HTTP client of 4 MB that nobody uses here.
const { createServer } = process.getBuiltinModule('node:http');

/** How long an answer that is being sent, or waited for, has at the end, in milliseconds. */
const lastAnswersMs = 1000;

/** Runs the build server until it is told to stop. Throws a ConfigError or a StartError where it cannot start. */
export async function serve(environment: Environment, env: NodeJS.ProcessEnv): Promise<void> {
  const report = patientReport(createReport(environment));
  const data = makeDataFolder(environment.dataFolder);
  const configuration = await openConfiguration(environment, join(data, 'settings.json'), report);
  const listEngines = createEngineList(env, environment);
  const { room, worker, scheduler, notifier, displaced, close } = await openRoom({
    configuration,
    data,
    engines: () => listEngines(configuration.current.settings),
    report,
  });
  const { app, live } = openRoleWeb(room, configuration, data);
  const server = createServer({ keepAliveTimeout: 65_000 }, app);
  if (live) server.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head));
  const url = await listen(server, environment);
  const stopChores = startChores(room, worker, environment);
  const { name, role } = room.fleet.me;
  report.info({ url, data, name, role }, 'docker-builder listens');

  const hurried = new AbortController();
  onStopSignals({
    report,
    orElse: displaced,
    hurry() {
      hurried.abort();
      worker.hurry();
    },
    async stop() {
      room.leaving.abort();
      await pause(environment.drainMs, undefined, { signal: hurried.signal }).catch(() => undefined);
      await worker.stop(environment.graceMs);
      await scheduler.stop();
      stopChores();
      await notifier.stop(lastAnswersMs);
      room.closing.abort();
      await live?.close();
      await closeServer(server, lastAnswersMs);
      await close();
      await configuration.close();
    },
  });
}
