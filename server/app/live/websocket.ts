import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { problemJson } from '../../http/problemJson.ts';
import type { Problem } from '../../words/problems.ts';
import type { Identity } from '../../words/scopes.ts';
import type { LiveDeps } from './deps.ts';
import { asFrame, linesFrame } from './messages.ts';
import type { Outlet } from './reader.ts';

// Not imported: see serve.ts.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** A request for a websocket, as the server's event tells of it. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** Readers over websockets. */
export interface Websockets {
  readonly count: number;
  /** Completes the handshake and hands the socket over. It ends with the right of `identity`. */
  accept(upgrade: Upgrade, identity: Identity, onOpen: (websocket: WebSocket) => void): void;
  /** Tells each client that the server goes away; those who do not answer within a second are cut off. */
  close(): Promise<void>;
}

const farewellMs = 1000;

export function newWebsockets(pingMs: number, hold: LiveDeps['hold']): Websockets {
  // Compressing each message for each client costs five times what sending it does.
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 4096 });
  const alive = new WeakSet<WebSocket>();
  const heartbeat = setInterval(beat, pingMs).unref();

  function accept(
    { request, socket, head }: Upgrade,
    identity: Identity,
    onOpen: (websocket: WebSocket) => void,
  ): void {
    server.handleUpgrade(request, socket, head, (websocket) => {
      alive.add(websocket);
      websocket.on('pong', () => alive.add(websocket));
      // Told by 'close' too, which follows; without a listener it would end the process.
      websocket.on('error', () => {});
      const letGo = hold(identity, () => websocket.close(1008, 'the api key counts no more'));
      websocket.on('close', letGo);
      onOpen(websocket);
    });
  }

  function beat(): void {
    for (const websocket of server.clients) {
      if (!alive.delete(websocket)) websocket.terminate();
      else if (websocket.readyState === websocket.OPEN) websocket.ping();
    }
  }

  async function close(): Promise<void> {
    clearInterval(heartbeat);
    const farewell = setTimeout(() => {
      for (const websocket of server.clients) websocket.terminate();
    }, farewellMs);
    const all = [...server.clients].map(
      (websocket) =>
        new Promise((resolve) => websocket.once('close', resolve).close(1001, 'the server is going away')),
    );
    await Promise.all(all);
    clearTimeout(farewell);
  }

  return {
    accept,
    close,
    get count() {
      return server.clients.size;
    },
  };
}

export function websocketOutlet(websocket: WebSocket, maxBuffered: number): Outlet {
  let taken: Promise<void> = Promise.resolve();

  function sendFrame(frame: Buffer): void {
    taken = new Promise((resolve) => {
      websocket.send(frame, { binary: false }, () => resolve());
    });
  }

  return {
    get isGone() {
      return websocket.readyState !== websocket.OPEN;
    },
    ready: () => (websocket.bufferedAmount > maxBuffered ? taken : Promise.resolve()),
    send: (message) => sendFrame(asFrame(message)),
    sendLines: (piece) => sendFrame(linesFrame(piece)),
  };
}

/** Answers a request for a websocket with a refusal, in the shape of any other refusal. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const { status, code, retryAfterSecs } = problem;
  const body = JSON.stringify(problemJson(problem));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSecs === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfterSecs)}`]),
    ...(code === 'unauthorized' ? ['WWW-Authenticate: Basic realm="docker-builder"'] : []),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
