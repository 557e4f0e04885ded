import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { connectEngine } from '../../../builder/steps/engine/engine.ts';
import { readEnvironment } from '../../../server/config/environment.ts';
import type { SettingsDraft } from '../../../server/config/settingsSchema.ts';
import { openConfiguration } from '../../../server/configuration.ts';
import { openRoom } from '../../../server/openRoom.ts';
import { openWeb } from '../../../server/openWeb.ts';
import { createKey, type KeyWish, type MadeKey } from '../../../server/room/keys/keys.ts';
import type { ListedEngine } from '../../../server/room/engines/seat.ts';
import type { Report, Room } from '../../../server/room/room.ts';

/** The whole program in this process. Without engines nothing is built; all else is real. */
export interface TestWeb {
  app: Express;
  room: Room;
  port: number;
  /** The data folder. */
  data: string;
  /** What it reported. */
  told: string[];
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
  makeKey(wish?: Partial<KeyWish>): Promise<MadeKey>;
  close(): Promise<void>;
}

export interface Ask {
  key?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Of an answer that does not end, what came first. */
  text: string;
  json: Record<string, unknown>;
}

export interface WebOptions {
  /** Without the prefix DOCKER_BUILDER_. */
  env?: Record<string, string>;
  settings?: SettingsDraft;
  engines?: ListedEngine[];
}

export const adminToken = 'the-token-of-the-administrator';

export async function openTestWeb({
  env = { TOKEN: adminToken },
  settings = {},
  engines = [],
}: WebOptions = {}): Promise<TestWeb> {
  const data = mkdtempSync(join(tmpdir(), 'dbs-'));
  await writeFile(join(data, 'settings.json'), JSON.stringify(settings));
  const given = { GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git', DATA: data, ...env };
  const environment = readEnvironment(
    Object.fromEntries(Object.entries(given).map(([name, value]) => [`DOCKER_BUILDER_${name}`, value])),
  );
  const told: string[] = [];
  const note = (fields: object, sentence: string): void =>
    void told.push(`${sentence} ${JSON.stringify(fields)}`);
  const report: Report = { info: note, warn: note, error: note };
  const configuration = await openConfiguration(environment, join(data, 'settings.json'), report);
  const { room, worker, scheduler, notifier, close } = await openRoom({
    configuration,
    data,
    engines: async () => engines,
    report,
  });
  const { app, live } = openWeb(room, configuration, data);
  const server = http.createServer(app);
  server.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new http.Agent({ keepAlive: true });
  return {
    app,
    room,
    port,
    data,
    told,
    ask: (method, path, options = {}) => ask({ agent, port, host: '127.0.0.1', method, path }, options),
    makeKey: (wish = {}) =>
      createKey(room, { kind: 'admin' }, { project: 'acme', name: 'test', scopes: [], ...wish }),
    async close() {
      agent.destroy();
      await worker.stop(0);
      await scheduler.stop();
      await notifier.stop(0);
      room.closing.abort();
      await live.close();
      server.close();
      server.closeAllConnections();
      await close();
      await configuration.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** An engine that nobody ever answers for. */
export function awayEngine(name: string): ListedEngine {
  return listedEngine(name, '/nowhere/at/all.sock');
}

export function listedEngine(name: string, path: string, more: Partial<ListedEngine> = {}): ListedEngine {
  const engine = connectEngine({ name, address: { kind: 'socket', path } });
  return { engine, slots: 2, labels: {}, terms: {}, dedicated: false, disk: undefined, ...more };
}

async function ask(where: http.RequestOptions, { key, headers = {}, body }: Ask): Promise<Answer> {
  const bytes = Buffer.from(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  const sent = http.request({
    ...where,
    headers: {
      'Content-Length': bytes.length,
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...headers,
    },
  });
  sent.end(bytes);
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
  const text = await textOf(response);
  const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

/** An event stream has said all that counts with its status. */
async function textOf(response: http.IncomingMessage): Promise<string> {
  if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
    response.destroy();
    return '';
  }
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
