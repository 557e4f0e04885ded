import type { IncomingMessage } from 'node:http';

/** The connection of a build, which ends in good order where the build is stopped. */
export interface Line extends Disposable {
  /** Cuts the connection. */
  readonly signal: AbortSignal;
  /** To be called with the engine's answer as soon as it has begun. */
  answered(answer: IncomingMessage): void;
}

/**
 * A connection that is cut at once where it is stopped before its answer. After that only our half of it is closed:
 * the engine stops the build and ends its answer when the build's container is gone. Who cuts the connection instead
 * cannot tell whether the engine is about to make one more container. An engine that takes longer than `patienceMs`
 * is cut off all the same.
 */
export function openLine(stop: AbortSignal, patienceMs: number): Line {
  const connection = new AbortController();
  const cut = () => connection.abort(stop.reason);
  let timer: NodeJS.Timeout | undefined;
  let answer: IncomingMessage | undefined;

  const hangUp = () => {
    if (!answer) return cut();
    answer.socket.end();
    timer = setTimeout(cut, patienceMs);
  };
  stop.addEventListener('abort', hangUp);
  if (stop.aborted) cut();

  return {
    signal: connection.signal,
    answered(begun) {
      answer = begun;
    },
    [Symbol.dispose]() {
      stop.removeEventListener('abort', hangUp);
      clearTimeout(timer);
    },
  };
}
