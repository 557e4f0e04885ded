import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';

const publicFolder = join(import.meta.dirname, '../../public');
const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

type Stream = 'stdout' | 'stderr' | 'system';
type Json = Record<string, unknown>;
interface Line {
  at: number;
  stream: Stream;
  text: string;
}

interface Room {
  job: Json & { id: string; status: string };
  attempts: Json[];
  /** What `/v1` tells of it. */
  run?: Json;
  lines: Line[];
  /** Lines that are not kept. */
  gap?: { first: number; last: number };
  readers: Set<(frame: Json) => void>;
  ended?: Json;
}

export const noTime = '0001-01-01T00:00:00Z';

/** Speaks the server's documented HTTP as far as the page uses it, and does what a test tells it. */
export async function startStandIn() {
  const rooms = new Map<string, Room>();
  const sockets = new Set<WebSocket>();
  const watchers = new Set<ServerResponse>();
  const seen: string[] = [];
  const posted: Json[] = [];
  const rules = { password: '', refuseSockets: false, failOnce: '' };

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const upgrade = new WebSocketServer({ noServer: true });

  server.on('upgrade', (request, socket, head) => {
    seen.push(`WS ${request.url}`);
    const url = new URL(request.url ?? '/', 'http://x');
    const asked = rooms.get(url.pathname.split('/')[2] ?? '');
    if (!asked || rules.refuseSockets) return socket.destroy();
    return upgrade.handleUpgrade(request, socket, head, (connection) => {
      sockets.add(connection);
      const stop = follow(asked, url.searchParams, (frame) => {
        connection.send(JSON.stringify(frame));
        if (frame['type'] === 'end') connection.close(1000);
      });
      connection.on('close', () => {
        sockets.delete(connection);
        stop();
      });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://x');
    seen.push(`${request.method} ${request.url}`);
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://${request.headers.host}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
    if (url.pathname === '/session') return openSession(request, response);
    if (url.pathname === rules.failOnce) {
      rules.failOnce = '';
      return response.writeHead(503).end();
    }
    if (isFile(url.pathname)) return sendFile(url.pathname, response);
    if (rules.password !== '' && !request.headers.cookie?.includes('session=open'))
      return json(response, 401, { error: 'Sign in.' });
    if (url.pathname === '/events') return watch(response);
    return url.pathname.startsWith('/v1/')
      ? ofRun(url.pathname, request, response)
      : ofJobs(url, request, response);
  }

  function ofJobs(url: URL, request: IncomingMessage, response: ServerResponse) {
    const [, , id, part] = url.pathname.split('/');
    if (id === undefined) return request.method === 'POST' ? post(request, response) : list(url, response);
    const asked = rooms.get(id);
    if (!asked) return json(response, 404, { error: `no job ${id}` });
    return ofRoom(asked, part, url, request, response);
  }

  async function openSession(request: IncomingMessage, response: ServerResponse) {
    const { password } = await bodyOf(request);
    if (password !== rules.password) return json(response, 401, { error: 'no' });
    return response.writeHead(204, { 'set-cookie': 'session=open; HttpOnly; SameSite=Strict' }).end();
  }

  function watch(response: ServerResponse) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
  }

  async function post(request: IncomingMessage, response: ServerResponse) {
    const order = await bodyOf(request);
    posted.push(order);
    if (order['repo'] === 'wrong')
      return json(response, 412, { error: 'repo must be a name', field: 'repo' });
    return json(response, 202, addJob({ ...order, status: 'created' }));
  }

  /** A run by itself, and what makes another one of it or of its job. */
  async function ofRun(path: string, request: IncomingMessage, response: ServerResponse) {
    const [, , , id = '', part] = path.split('/');
    if (part === undefined) return json(response, 200, { job_id: `job of ${id}`, ...rooms.get(id)?.run });
    posted.push({ path: decodeURIComponent(path), ...(await bodyOf(request)) });
    return json(response, 202, addJob({ kind: 'container', ref: '', status: 'created' }));
  }

  function list(url: URL, response: ServerResponse) {
    const filters = ['account', 'repo', 'ref', 'status'].filter((name) => url.searchParams.has(name));
    const fitting = [...rooms.values()]
      .map(({ job }) => job)
      .filter((job) => filters.every((name) => job[name] === url.searchParams.get(name)))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1));
    const before = url.searchParams.get('before');
    const page = fitting.filter(({ id }) => before === null || id < before);
    response.setHeader('x-total-count', fitting.length);
    const limit = Number(url.searchParams.get('limit'));
    json(response, 200, Object.fromEntries(page.slice(0, limit).map((job) => [job.id, job])));
  }

  function ofRoom(
    asked: Room,
    part: string | undefined,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    if (part === 'attempts') return json(response, 200, asked.attempts);
    if (part === 'lines') return json(response, 200, rangeOf(asked, url.searchParams));
    if (part === 'stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const stop = follow(asked, url.searchParams, (frame) => {
        response.write(`event: ${String(frame['type'])}\ndata: ${JSON.stringify(frame)}\n\n`);
      });
      return response.on('close', stop);
    }
    if (request.method === 'DELETE') {
      json(response, 202, asked.job);
      return end(asked.job.id, 'canceled', 'Somebody canceled the run.', 'canceled');
    }
    return json(response, 200, asked.job);
  }

  function addJob(job: Json = {}) {
    const number = String(rooms.size + 1).padStart(12, '0');
    const id = typeof job['id'] === 'string' ? job['id'] : `01935e2a-7c10-7abc-8def-${number}`;
    const made = {
      account: 'acme',
      repo: 'shop',
      ref: 'main',
      status: 'building',
      created: new Date().toISOString(),
      completed: noTime,
      archived: noTime,
      ...job,
      id,
    };
    const attempts: Json[] = [{ number: 1, state: 'running', engine: 'local', phases: [], steps: [] }];
    rooms.set(id, { job: made, attempts, lines: [], readers: new Set() });
    tellWatchers(made);
    return made;
  }

  function room(id: string): Room {
    const found = rooms.get(id);
    if (!found) throw new Error(`the stand-in has no job ${id}`);
    return found;
  }

  function patch(id: string, change: Json) {
    Object.assign(room(id).job, change);
    tellWatchers(room(id).job);
    send(room(id), { type: 'state', status: room(id).job.status, attempt: 1 });
  }

  function print(id: string, texts: string[], stream: Stream = 'stdout', at = Date.now()) {
    const { lines } = room(id);
    const first = lines.length + 1;
    for (const text of texts) lines.push({ at, stream, text });
    send(room(id), {
      type: 'lines',
      first,
      blocks: [[at, stream, texts.map((text) => `${text}\n`).join('')]],
    });
  }

  function end(id: string, status: string, error = '', reason = '') {
    const told = { completed: new Date().toISOString(), ...(error && { error }), ...(reason && { reason }) };
    Object.assign(room(id).job, { status, ...told });
    tellWatchers(room(id).job);
    room(id).ended = { type: 'end', status, error, reason, lines: room(id).lines.length };
    send(room(id), room(id).ended ?? {});
  }

  function tellWatchers(job: Json) {
    for (const watcher of watchers) watcher.write(`event: run\ndata: ${JSON.stringify(job)}\n\n`);
  }

  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    rules,
    seen,
    posted,
    addJob,
    patch,
    print,
    end,
    step(id: string, step: Json) {
      const attempt = room(id).attempts[0];
      const steps = (attempt?.['steps'] ?? []) as Json[];
      const isSame = (known: Json) => known['number'] === step['number'] && known['image'] === step['image'];
      if (attempt) attempt['steps'] = [...steps.filter((known) => !isSame(known)), step];
      send(room(id), { type: 'step', step });
    },
    /** What is known of the attempt: its phases, its error. */
    attempt(id: string, change: Json) {
      Object.assign(room(id).attempts[0] ?? {}, change);
    },
    /** What it was given and what it gave back. */
    run(id: string, run: Json) {
      room(id).run = run;
    },
    /** The log no longer has these lines; readers are told. */
    forget(id: string, first: number, last: number) {
      room(id).gap = { first, last };
      send(room(id), { type: 'gap', first, last });
    },
    /** As when the network breaks. */
    dropSockets() {
      for (const socket of sockets) socket.terminate();
    },
    async close() {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

function send(room: Room, frame: Json) {
  for (const reader of room.readers) reader(frame);
}

function follow(room: Room, query: URLSearchParams, reader: (frame: Json) => void) {
  const newest = room.lines.length;
  const n = query.get('n');
  let next = n === null ? Number(query.get('from') ?? 1) : Math.max(1, newest - Number(n) + 1);
  reader({ type: 'state', status: room.job.status, attempt: 1 });
  while (next <= newest) {
    const last = Math.min(newest, next + 999);
    reader({ type: 'lines', first: next, blocks: blocksOf(room.lines.slice(next - 1, last)) });
    next = last + 1;
  }
  if (room.ended) reader(room.ended);
  room.readers.add(reader);
  return () => room.readers.delete(reader);
}

function rangeOf(room: Room, query: URLSearchParams) {
  const asked = Math.max(1, Number(query.get('from')));
  const { gap } = room;
  const from = gap && asked >= gap.first && asked <= gap.last ? gap.last + 1 : asked;
  const end = gap && from < gap.first ? gap.first - 1 : room.lines.length;
  const to = Math.min(Number(query.get('to')), from + 4999, end);
  if (to < from) return { first: asked, last: asked - 1, blocks: [] };
  return { first: from, last: to, blocks: blocksOf(room.lines.slice(from - 1, to)) };
}

const blocksOf = (lines: Line[]) => lines.map(({ at, stream, text }) => [at, stream, `${text}\n`]);

const isFile = (path: string) => path === '/' || /^\/(page|style)\//.test(path) || path === '/favicon.svg';

async function sendFile(path: string, response: ServerResponse) {
  const name = path === '/' ? 'index.html' : normalize(path).slice(1);
  const content = await readFile(join(publicFolder, name)).catch(() => undefined);
  response.writeHead(content ? 200 : 404, { 'content-type': mediaTypes[extname(name)] ?? 'text/plain' });
  response.end(content);
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Json);
}

function json(response: ServerResponse, status: number, value: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
