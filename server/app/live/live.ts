import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Problem } from '../../words/problems.ts';
import { StoreUnavailable } from '../../words/storeUnavailable.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { problemOf } from '../problemAnswer.ts';
import { type LiveDeps, type LiveOptions, usualOptions } from './deps.ts';
import { type EventStream, newEventStreams } from './eventStream.ts';
import { asEvent, linesEvent } from './messages.ts';
import { type Alarm, newAlarm, type Outlet, readRun } from './reader.ts';
import { newRunsStream } from './runsStream.ts';
import { type Start, startOf } from './start.ts';
import { newWatches, type Watch } from './watches.ts';
import { newWebsockets, refuseUpgrade, type Upgrade, websocketOutlet } from './websocket.ts';

/** A run, and who wants to watch it. */
export interface Wanted {
  runId: string;
  identity: Identity;
}

/** Whatever a client can watch while it happens. */
export interface Live {
  /** For the server's 'upgrade' event: `GET /jobs/:id/tail` as a websocket, anything else is refused. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** `GET /jobs/:id/stream`: the same messages as events. Throws a Problem while nothing is answered yet. */
  streamRun(request: IncomingMessage, response: ServerResponse, wanted: Wanted): Promise<void>;
  /** `GET /events`: every run that is new or changed. Throws a Problem where there are too many readers. */
  streamRuns(request: IncomingMessage, response: ServerResponse, identity: Identity): void;
  /** Says good-bye to all clients and resolves when they are gone. */
  close(): Promise<void>;
}

export function openLive(deps: LiveDeps, options: Partial<LiveOptions> = {}): Live {
  const set = { ...usualOptions, ...options };
  const watches = newWatches(deps, set.lookMs);
  const websockets = newWebsockets(set.pingMs, deps.hold);
  const streams = newEventStreams(set.keepaliveMs, deps.hold);
  const runs = newRunsStream(deps, streams, set);

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    upgrade({ request, socket, head }).catch((error: unknown) => refuseUpgrade(socket, asProblem(error)));
  }

  async function upgrade(asked: Upgrade): Promise<void> {
    const { request, socket } = asked;
    const identity = await deps.admit(request);
    const [path = '', query] = (request.url ?? '').split('?', 2);
    const runId = /^\/jobs\/([^/]+)\/tail$/.exec(path)?.[1];
    if (runId === undefined) throw new Problem('not_found', `there is no websocket at ${path.slice(0, 200)}`);
    const start = startOf(new URLSearchParams(query));
    const alarm = newAlarm();
    const watch = await watched({ runId, identity }, alarm);
    if (socket.destroyed) return watch.close();
    socket.once('close', () => watch.close());
    websockets.accept(asked, identity, (websocket) => void serve(websocket, watch, start, alarm));
  }

  async function serve(websocket: WebSocket, watch: Watch, start: Start, alarm: Alarm): Promise<void> {
    websocket.on('close', () => alarm.wake());
    try {
      await readRun(deps, watch, start, websocketOutlet(websocket, set.maxBuffered), alarm);
      websocket.close(1000);
    } catch (error) {
      deps.report.error({ error, run: watch.run.id }, 'a log could not be followed');
      if (error instanceof StoreUnavailable) websocket.close(1013, 'the log cannot be read now: try again');
      else websocket.close(1011, 'the log could not be read');
    }
  }

  async function streamRun(
    request: IncomingMessage,
    response: ServerResponse,
    wanted: Wanted,
  ): Promise<void> {
    const query = new URLSearchParams((request.url ?? '').split('?', 2)[1]);
    const lastEventId = request.headers['last-event-id'];
    const start = startOf(query, Array.isArray(lastEventId) ? lastEventId[0] : lastEventId);
    const alarm = newAlarm();
    const watch = await watched(wanted, alarm);
    try {
      const stream = streams.open(request, response, wanted.identity, () => alarm.wake());
      await readRun(deps, watch, start, eventOutlet(stream, set.maxBuffered), alarm);
      stream.end();
    } finally {
      watch.close();
    }
  }

  async function watched({ runId, identity }: Wanted, alarm: Alarm): Promise<Watch> {
    refuseCrowd();
    const watch = await watches.open(runId, () => alarm.wake());
    const isThere = watch !== undefined && sees(identity, watch.run.project);
    if (isThere && watch.run.archivedAt === null) return watch;
    watch?.close();
    if (!isThere) throw new Problem('not_found', `there is no job ${runId.slice(0, 100)}`);
    throw new Problem('archived', 'job is archived, no log file available');
  }

  function refuseCrowd(): void {
    if (websockets.count + streams.count >= set.maxReaders)
      throw new Problem('unavailable', 'too many live readers: try again later');
  }

  function streamRuns(request: IncomingMessage, response: ServerResponse, identity: Identity): void {
    refuseCrowd();
    runs.open(request, response, identity);
  }

  function asProblem(error: unknown): Problem {
    const problem = problemOf(error);
    if (problem.code === 'internal') deps.report.error({ error }, 'a websocket could not be opened');
    return problem;
  }

  async function close(): Promise<void> {
    await Promise.all([streams.close(), websockets.close()]);
  }

  return { handleUpgrade, streamRun, streamRuns, close };
}

function eventOutlet(stream: EventStream, maxBuffered: number): Outlet {
  return {
    get isGone() {
      return stream.isGone;
    },
    ready: () => (stream.waiting > maxBuffered ? stream.taken() : Promise.resolve()),
    send: (message, line) => stream.write(asEvent(message, line)),
    sendLines: (piece) => stream.write(linesEvent(piece)),
  };
}
