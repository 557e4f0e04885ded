import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from 'express';
import { createApp } from '../../../server/app/app.ts';
import { createLimits } from '../../../server/app/limits.ts';
import { createSessions } from '../../../server/app/session.ts';
import { readEnvironment } from '../../../server/config/environment.ts';
import { openConfiguration } from '../../../server/configuration.ts';
import { sdkDoor } from '../../../server/doors/sdk/door.ts';
import type { EngineList } from '../../../server/engineList.ts';
import { openRoom } from '../../../server/openRoom.ts';
import { ended } from '../../../server/room/ended.ts';
import { createCircuits } from '../../../server/room/http/circuits.ts';
import { changeJob } from '../../../server/room/jobs/change.ts';
import { createJob } from '../../../server/room/jobs/create.ts';
import type { DefinitionWish } from '../../../server/room/jobs/definition.ts';
import type { Policy, Report, Room } from '../../../server/room/room.ts';
import type { Submission } from '../../../server/room/submit/submission.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import type { Job } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { temporaryFolder } from '../store/temporaryStore.ts';

/** The room as the program opens it, with its worker and scheduler, and the door for endpoints. */
export interface HttpWorld {
  readonly room: Room;
  /** Where endpoints report to. */
  readonly url: string;
  /** What was reported as a warning or an error. */
  readonly reports: string[];
  /** A new HTTP job. */
  job(url: string, definition?: DefinitionWish): Promise<Job>;
  change(job: Job, definition: DefinitionWish): Promise<Job>;
  trigger(job: Job, wish?: Omit<Partial<Submission>, 'payload'> & { payload?: unknown }): Promise<Run>;
  /** Triggers the job, and waits for the end of its run. */
  done(job: Job, wish?: { payload?: unknown; metadata?: Record<string, string> }): Promise<Run>;
  ended(run: Run): Promise<Run>;
  /** The run, once it waits for its next try. */
  waiting(run: Run): Promise<Run>;
  output(run: Run): Promise<unknown>;
  log(run: Run): Promise<string>;
  /** Puts the clock forward, in milliseconds. */
  later(ms: number): void;
  /** Ends the worker, as a stop of the server does. */
  stop(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export async function openHttpWorld(
  env: Record<string, string> = {},
  policy: Partial<Policy> = {},
  engines: EngineList = async () => [],
): Promise<HttpWorld> {
  const data = temporaryFolder();
  const reports: string[] = [];
  const note = (fields: object, sentence: string) => {
    const error: unknown = 'error' in fields ? fields.error : undefined;
    reports.push(error instanceof Error ? `${sentence}: ${error.message}` : sentence);
  };
  const report: Report = { info: () => {}, warn: note, error: note };
  const environment = readEnvironment({
    DOCKER_BUILDER_DATA: data,
    DOCKER_BUILDER_ALLOW_PRIVATE: '1',
    ...env,
  });
  const configuration = await openConfiguration(environment, join(data, 'settings.json'), report);
  const opened = await openRoom({
    configuration,
    data,
    engines: () => engines(configuration.current.settings),
    report,
  });
  const { room, worker, scheduler, notifier } = opened;
  let shift = 0;
  room.now = () => Date.now() + shift;
  room.circuits = createCircuits({ now: () => room.now() });
  const usual = room.policy;
  room.policy = () => ({ ...usual(), ...policy });
  const server = createServer(appOf(room));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let jobs = 0;

  async function trigger(
    job: Job,
    { payload, ...wish }: Omit<Partial<Submission>, 'payload'> & { payload?: unknown } = {},
  ): Promise<Run> {
    const sent = payload === undefined ? {} : { payload: { value: payload, text: JSON.stringify(payload) } };
    const { run } = await submit(room, { job: { id: job.id }, trigger: 'api', ...wish, ...sent });
    return run;
  }

  return {
    room,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reports,
    job: (url, { http, ...definition } = {}) =>
      createJob(room, {
        project: 'acme',
        slug: `job-${++jobs}`,
        kind: 'http',
        enabled: true,
        definition: { ...definition, http: { ...http, url } },
        createdBy: null,
      }),
    change: (job, definition) => changeJob(room, job.id, { definition, updatedBy: null }, undefined),
    trigger,
    done: async (job, wish) => ended(room, await trigger(job, wish)),
    ended: (run) => ended(room, run),
    waiting: (run) =>
      waitFor('the run to wait for its next try', async () => {
        const now = await room.store.read.run(run.id);
        return now?.state === 'queued' && now.nextRetryAt !== null ? now : undefined;
      }),
    async output(run) {
      const { output } = await room.store.read.runBody(run.id);
      return output === null ? undefined : (JSON.parse(output) as unknown);
    },
    async log(run) {
      const lines: string[] = [];
      for await (const group of room.logs.lines(run.id, 1, Infinity))
        lines.push(...group.map(({ text }) => text));
      return lines.join('\n');
    },
    later(ms) {
      shift += ms;
      room.wake();
    },
    stop: (graceMs) => worker.stop(graceMs),
    async close() {
      await worker.stop(0);
      await scheduler.stop();
      await notifier.stop(0);
      server.closeAllConnections();
      server.close();
      await opened.close();
      await configuration.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The program's own app, with the one door that endpoints talk to. */
function appOf(room: Room) {
  return createApp({
    room,
    rules: {
      credentials: { basic: undefined, token: 'nobody-here-knows-it' },
      keyring: room.keyring,
      sessions: createSessions('0'.repeat(64), room.now),
      limits: createLimits(() => ({ requestsPerMinute: 0, triggersPerMinute: 0, failedLoginsPerMinute: 0 })),
      isLocal: true,
      publicUrl: undefined,
    },
    webhooks: [],
    open: [sdkDoor(room)],
    doors: [Router()],
    pageFolder: fileURLToPath(new URL('../../../public', import.meta.url)),
  });
}
