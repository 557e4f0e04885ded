import { EndpointFault } from './endpointFault.ts';
import type { HttpClient, Outgoing } from './client.ts';
import type { Circuits } from './circuits.ts';
import { type Answer } from './exchange.ts';

/** Nobody was asked: the address failed too often, and is left alone until then. */
export class CircuitOpen extends Error {
  readonly reopensAt: number;

  constructor(origin: string, reopensAt: number) {
    super(`${origin} keeps failing: it is left alone for a while`);
    this.name = 'CircuitOpen';
    this.reopensAt = reopensAt;
  }
}

export interface Asked {
  client: HttpClient;
  circuits: Circuits;
}

/** Asks one address, and remembers how that went. Throws a CircuitOpen, an EndpointFault, or the signal's reason. */
export async function ask(
  { client, circuits }: Asked,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Answer> {
  const { origin } = new URL(outgoing.url);
  const pass = circuits.enter(origin);
  if ('reopensAt' in pass) throw new CircuitOpen(origin, pass.reopensAt);
  try {
    const answer = await client.post(outgoing, signal);
    pass.done(answer.status >= 500 ? 'failed' : 'ok');
    return answer;
  } catch (error) {
    pass.done(isFailure(error) ? 'failed' : 'unknown');
    throw error;
  }
}

/** Asks a second address where the first cannot be reached, is too slow, asks for patience or is left alone. */
export async function askWithFallback(
  asked: Asked,
  outgoing: Outgoing,
  { url, limitMs, onFallback }: { url: string; limitMs: number; onFallback: (why: string) => void },
  signal: AbortSignal,
): Promise<Answer> {
  const first = limited(signal, limitMs);
  const answer = await ask(asked, outgoing, first.signal)
    .catch((error: unknown) => {
      if (signal.aborted || !mayFallBack(error)) throw error;
      return error;
    })
    .finally(first.release);
  if (!(answer instanceof Error) && answer.status !== 429) return answer;
  onFallback(answer instanceof Error ? answer.message : `endpoint returned ${answer.status}`);
  return ask(asked, { ...outgoing, url }, signal);
}

function isFailure(error: unknown): boolean {
  return (
    error instanceof EndpointFault &&
    (error.reason === 'endpoint_unreachable' || error.reason === 'endpoint_timeout')
  );
}

function mayFallBack(error: unknown): error is Error {
  return error instanceof CircuitOpen || isFailure(error);
}

/** A signal that follows another one, and gives up by itself after a time. */
function limited(outer: AbortSignal, ms: number): { signal: AbortSignal; release: () => void } {
  const inner = new AbortController();
  const follow = () => inner.abort(outer.reason);
  const timer = setTimeout(() => inner.abort(tooSlow(ms)), ms);
  outer.addEventListener('abort', follow, { once: true });
  if (outer.aborted) follow();
  return {
    signal: inner.signal,
    release() {
      clearTimeout(timer);
      outer.removeEventListener('abort', follow);
    },
  };
}

/** Why an attempt ends that its endpoint was too slow for. */
export function tooSlow(ms: number): EndpointFault {
  return new EndpointFault('endpoint_timeout', `endpoint did not answer within ${ms / 1000} s`);
}
