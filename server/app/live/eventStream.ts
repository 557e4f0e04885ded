import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../../words/scopes.ts';
import type { LiveDeps } from './deps.ts';

/** A response that stays open and carries events. */
export interface EventStream {
  readonly isGone: boolean;
  /** Bytes that the client has not taken yet. */
  readonly waiting: number;
  write(frame: Buffer): void;
  /** Resolves when everything written so far was taken, or the client is gone. */
  taken(): Promise<void>;
  end(): void;
  /** Cuts the client off. */
  drop(): void;
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
}

export interface EventStreams {
  readonly count: number;
  /** The stream ends with the right of `identity`, or by the client: then `onGone` is called. */
  open(
    request: IncomingMessage,
    response: ServerResponse,
    identity: Identity,
    onGone: () => void,
  ): EventStream;
  /** Ends all of them; those who do not take the rest within a second are cut off. */
  close(): Promise<void>;
}

const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // Else nginx keeps the events until it has a buffer full of them.
  'X-Accel-Buffering': 'no',
};
const farewellMs = 1000;
const keepalive = Buffer.from(': keepalive\n\n');

export function newEventStreams(keepaliveMs: number, hold: LiveDeps['hold']): EventStreams {
  const streams = new Set<EventStream>();

  function open(
    request: IncomingMessage,
    response: ServerResponse,
    identity: Identity,
    onGone: () => void,
  ): EventStream {
    response.writeHead(200, headers);
    response.flushHeaders();
    const stream = newEventStream(response);
    const timer = setInterval(heartbeat(stream), keepaliveMs).unref();
    const letGo = hold(identity, () => stream.end());
    streams.add(stream);
    void stream.closed.then(() => {
      clearInterval(timer);
      letGo();
      streams.delete(stream);
      onGone();
    });
    if (request.method === 'HEAD') stream.end();
    return stream;
  }

  async function close(): Promise<void> {
    for (const stream of streams) stream.end();
    const farewell = setTimeout(() => {
      for (const stream of streams) stream.drop();
    }, farewellMs);
    await Promise.all([...streams].map((stream) => stream.closed));
    clearTimeout(farewell);
  }

  return {
    open,
    close,
    get count() {
      return streams.size;
    },
  };
}

function newEventStream(response: ServerResponse): EventStream {
  let taken: Promise<void> = Promise.resolve();
  const closed = new Promise<void>((resolve) => {
    if (response.destroyed) resolve();
    else response.once('close', resolve);
  });
  const isGone = (): boolean => response.writableEnded || response.destroyed;
  return {
    closed,
    write(frame) {
      if (isGone()) return;
      taken = new Promise((resolve) => {
        response.write(frame, () => resolve());
      });
    },
    taken: () => taken,
    end: () => void response.end(),
    drop: () => void response.destroy(),
    get isGone() {
      return isGone();
    },
    get waiting() {
      return response.writableLength;
    },
  };
}

/** Writes a comment where nothing waits; drops a client that took nothing from one beat to the next. */
function heartbeat(stream: EventStream): () => void {
  let takenBefore: Promise<void> | undefined;
  let waitingBefore = 0;
  return () => {
    const { waiting } = stream;
    const isStuck = waiting > 0 && waiting === waitingBefore && stream.taken() === takenBefore;
    if (isStuck) stream.drop();
    else if (waiting === 0) stream.write(keepalive);
    waitingBefore = waiting;
    takenBefore = stream.taken();
  };
}
