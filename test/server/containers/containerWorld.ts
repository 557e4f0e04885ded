import { setTimeout as pause } from 'node:timers/promises';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine, type TestEngine } from '../../fixtures/engine.ts';
import { type ServerOptions, startServer, type TestServer } from '../../fixtures/server.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

/** What looks more often takes the time of what it waits for. */
const lookMs = 50;

export type Json = Record<string, unknown>;

export interface AttemptView {
  number: number;
  state: string;
  engine: string | null;
  reason: string;
  exit_code: number | null;
  phases: { phase: string; exitCode?: number }[];
}

/** The program with an engine that has busybox, and a new job for each container that is asked for. */
export interface ContainerWorld {
  engine: TestEngine;
  server: TestServer;
  /** Makes a job, and gives its id. */
  job(container: object, fields?: object): Promise<string>;
  /** Asks for a run of a job, and gives its id. */
  trigger(job: string, wish?: object): Promise<string>;
  /** Both. */
  start(container: object, fields?: object, wish?: object): Promise<string>;
  run(id: string): Promise<Json>;
  ended(id: string): Promise<Json>;
  cancel(id: string): Promise<void>;
  /** Both of the above. */
  done(container: object, fields?: object, wish?: object): Promise<Json>;
  attempts(id: string): Promise<AttemptView[]>;
  log(id: string): Promise<string[]>;
  /** Resolves when the log of a run has such a line. */
  printed(id: string, line: RegExp): Promise<void>;
  /** Names of the containers of the server's runs on the engine. */
  containers(): Promise<string[]>;
  /** Resolves when there are none. */
  nothingLeft(): Promise<void>;
  close(): Promise<void>;
}

export const sh = (script: string) => ({ image: 'busybox', command: ['sh', '-c', script] });

export interface ContainerWorldOptions extends ServerOptions {
  engine?: TestEngine;
}

export async function openContainerWorld(options: ContainerWorldOptions = {}): Promise<ContainerWorld> {
  const engine = options.engine ?? (await sharedEngine());
  await importBusybox(engine);
  const env = { DOCKER_HOST: engine.host, DOCKER_BUILDER_GRACE: '0', ...options.env };
  return containerWorldOf(await startServer({ ...options, env }), engine);
}

/** What others have on the engine is not looked at. */
export function containerWorldOf(server: TestServer, engine: TestEngine): ContainerWorld {
  let jobs = 0;
  const prefix = Math.random().toString(36).slice(2, 8);

  async function json(path: string, body?: object): Promise<Json> {
    const headers = { 'Content-Type': 'application/json' };
    const init = body && { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await server.request(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Json;
  }

  const run = (id: string) => json(`/v1/runs/${id}`);
  const job = async (container: object, fields: object = {}) => {
    const slug = `job-${prefix}-${++jobs}`;
    const made = await json('/v1/jobs', { project_id: 'acme', slug, name: slug, container, ...fields });
    return String(made['id']);
  };
  const trigger = async (id: string, wish: object = {}) =>
    String((await json(`/v1/jobs/${id}/trigger`, wish))['id']);
  const start = async (container: object, fields?: object, wish?: object) =>
    trigger(await job(container, fields), wish);
  const ended = (id: string) =>
    waitFor(
      `the end of run ${id}`,
      async () => {
        await pause(lookMs);
        const now = await run(id);
        return now['finished_at'] !== null && now['finished_at'] !== undefined ? now : undefined;
      },
      30_000,
    );
  const log = async (id: string) => {
    const text = await (await server.request(`/jobs/${id}/log`)).text();
    return text.split('\n').slice(0, -1);
  };
  const containersNow = async () => {
    const names = await engine.docker('ps', '--all', '--format', '{{.Names}}');
    return names.split('\n').filter((name) => name.startsWith('docker-builder-'));
  };
  const before = containersNow();
  const containers = async () => {
    const others = new Set(await before);
    return (await containersNow()).filter((name) => !others.has(name));
  };

  return {
    engine,
    server,
    job,
    trigger,
    start,
    run,
    ended,
    async cancel(id) {
      const response = await server.request(`/v1/runs/${id}`, { method: 'DELETE' });
      if (!response.ok) throw new Error(`the cancel was answered with ${response.status}`);
    },
    done: async (container, fields, wish) => ended(await start(container, fields, wish)),
    attempts: async (id) => (await json(`/jobs/${id}/attempts`)) as unknown as AttemptView[],
    log,
    async printed(id, line) {
      await waitFor(`run ${id} to print ${String(line)}`, async () => {
        await pause(lookMs);
        return (await log(id).catch(() => [])).some((one) => line.test(one));
      });
    },
    containers,
    async nothingLeft() {
      await waitFor('the containers to be gone', async () => {
        await pause(lookMs);
        return (await containers()).length === 0;
      });
    },
    close: () => server.close(),
  };
}
