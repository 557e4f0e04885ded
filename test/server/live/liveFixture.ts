import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { StepRecord } from '../../../builder/model/spec.ts';
import type { LiveDeps, LiveOptions } from '../../../server/app/live/deps.ts';
import { type Live, openLive } from '../../../server/app/live/live.ts';
import { createRunEvents, type RunEvents } from '../../../server/room/events.ts';
import type { LogsOptions } from '../../../server/room/logs/logs.ts';
import type { LogBlock } from '../../../server/words/logs.ts';
import { Problem } from '../../../server/words/problems.ts';
import type { Run } from '../../../server/words/run.ts';
import { newPlace, type Place, runId } from '../logs/logFixture.ts';
import { run as buildingRun } from '../words/rows.ts';

const admin = { kind: 'admin' } as const;

export type Received =
  | { type: 'lines'; first: number; blocks: LogBlock[] }
  | { type: 'gap'; first: number; last: number }
  | { type: 'state'; status: string; phase: string | null; attempt: number }
  | { type: 'step'; step: StepRecord }
  | { type: 'end'; status: string; reason: string | null; error: string | null; lines: number };

/** A server with logs and live readers over real sockets, and one run whose state the test changes. */
export interface LiveServer extends AsyncDisposable {
  port: number;
  place: Place;
  live: Live;
  events: RunEvents;
  /** Server sides of the connections, oldest first. */
  sockets: Socket[];
  /** How often the run was looked up. */
  lookups(): number;
  run(): Run;
  change(patch: Partial<Run>): void;
  steps: StepRecord[];
}

export async function startLive(
  options: Partial<LiveOptions> = {},
  logsOptions: Partial<LogsOptions> = {},
  admit: LiveDeps['admit'] = async () => admin,
): Promise<LiveServer> {
  const place = await newPlace(logsOptions);
  const events = createRunEvents();
  let run = newRun();
  let lookups = 0;
  const steps: StepRecord[] = [];
  const live = openLive(
    {
      logs: { lineCount: (id) => place.logs.lineCount(id), follow: (...all) => place.logs.follow(...all) },
      events,
      store: {
        run: async (id) => {
          lookups++;
          return id === runId ? run : undefined;
        },
        attempts: async () => [{ number: run.attempt, steps }],
      },
      report: { info() {}, warn() {}, error: (fields) => expectNoError(fields) },
      status: ({ state }) => state,
      present: ({ id, state }) => ({ id, status: state }),
      admit,
      hold: () => () => {},
    },
    options,
  );
  const sockets: Socket[] = [];
  const server = http.createServer((request, response) => answer(live, request, response));
  server.on('connection', (socket) => sockets.push(socket));
  server.on('upgrade', (request, socket, head) => live.handleUpgrade(request, socket, head));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    place,
    live,
    events,
    sockets,
    steps,
    lookups: () => lookups,
    run: () => run,
    change(patch) {
      run = { ...run, ...patch };
      events.runChanged(run);
    },
    async [Symbol.asyncDispose]() {
      await live.close();
      server.close();
      server.closeAllConnections();
      await place[Symbol.asyncDispose]();
    },
  };
}

function answer(live: Live, request: http.IncomingMessage, response: http.ServerResponse): void {
  const [, path = '', id = ''] =
    /^\/(events|jobs)(?:\/([^/]+)\/stream)?(?:\?|$)/.exec(request.url ?? '') ?? [];
  const work = async (): Promise<void> =>
    path === 'events'
      ? live.streamRuns(request, response, admin)
      : live.streamRun(request, response, { runId: id, identity: admin });
  work().catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(error instanceof Problem ? error.status : 500).end(String(error));
  });
}

function expectNoError(fields: object): never {
  throw new Error('the live side reported an error', { cause: fields });
}

function newRun(): Run {
  return { ...buildingRun, id: runId, jobId: runId, slug: 'app', phase: 'clone', startedAt: 1 };
}

/** What one reader got so far. */
export interface Transcript {
  messages: Received[];
  /** The lines in their order; fails where one is missing or came twice. */
  lines(): string[];
  ended(): boolean;
}

export function newTranscript(): Transcript {
  const messages: Received[] = [];
  return {
    messages,
    lines: () => linesOf(messages),
    ended: () => messages.some((message) => message.type === 'end'),
  };
}

function linesOf(messages: readonly Received[]): string[] {
  const lines: string[] = [];
  let next: number | undefined;
  for (const message of messages) {
    if (message.type !== 'lines') continue;
    if (next !== undefined && message.first !== next)
      throw new Error(`line ${next} expected, ${message.first} came`);
    for (const [, , text] of message.blocks) lines.push(...text.split('\n').slice(0, -1));
    next = message.first + message.blocks.reduce((sum, [, , text]) => sum + text.split('\n').length - 1, 0);
  }
  return lines;
}

/** Whatever answers on loopback: the live side alone, or the whole program. */
type Listener = Pick<LiveServer, 'port'>;

export interface SocketReader extends Transcript {
  websocket: WebSocket;
  code(): number | undefined;
}

export async function openSocket({ port }: Listener, query = '', id = runId): Promise<SocketReader> {
  const websocket = new WebSocket(`ws://127.0.0.1:${port}/jobs/${id}/tail${query}`);
  const transcript = newTranscript();
  let code: number | undefined;
  websocket.on('message', (data: Buffer) =>
    transcript.messages.push(JSON.parse(data.toString()) as Received),
  );
  websocket.on('close', (closed) => (code = closed));
  await once(websocket, 'open');
  return { ...transcript, websocket, code: () => code };
}

/** The answer to a refused websocket. */
export async function refusal(
  { port }: Listener,
  path: string,
): Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }> {
  const websocket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  websocket.on('error', () => {});
  const [, response] = (await once(websocket, 'unexpected-response')) as [unknown, http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(chunks).toString(),
    headers: response.headers,
  };
}

export interface StreamReader extends Transcript {
  response: http.IncomingMessage;
  /** Everything as it came. */
  raw(): string;
  ids: string[];
  events: { type: string; data: unknown }[];
  /** Stops the connection for good. */
  cut(): void;
  isClosed(): boolean;
}

export async function openStream(
  { port }: Listener,
  path = `/jobs/${runId}/stream`,
  headers: http.OutgoingHttpHeaders = {},
): Promise<StreamReader> {
  const request = http.get({ port, host: '127.0.0.1', path, headers });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const transcript = newTranscript();
  const reader = { ids: [] as string[], events: [] as { type: string; data: unknown }[] };
  let raw = '';
  let parsed = 0;
  let isClosed = false;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    raw += chunk;
    for (let end = raw.indexOf('\n\n', parsed); end >= 0; end = raw.indexOf('\n\n', parsed)) {
      take(raw.slice(parsed, end));
      parsed = end + 2;
    }
  });
  response.on('error', () => {});
  response.on('close', () => (isClosed = true));
  function take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    const data: unknown = fields.has('data') ? JSON.parse(fields.get('data') ?? '') : undefined;
    if (data === undefined) return;
    reader.events.push({ type: fields.get('event') ?? '', data });
    transcript.messages.push(data as Received);
    const id = fields.get('id');
    if (id !== undefined) reader.ids.push(id);
  }
  return {
    ...transcript,
    ...reader,
    response,
    raw: () => raw,
    cut: () => void request.destroy(),
    isClosed: () => isClosed,
  };
}
