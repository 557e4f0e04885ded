import { Agent, type Dispatcher, request } from 'undici';
import { addressProblem } from '../../words/endpointAddress.ts';
import { guardedConnector } from '../http/connector.ts';
import { asEndpointFault } from '../http/endpointFault.ts';
import { resolveBySystem } from '../http/guard.ts';
import type { Sent } from './verdict.ts';

export interface Letter {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The way to the receivers. */
export interface Post {
  /** Sends one letter, and follows no redirect. What goes wrong is part of the answer; it never rejects. */
  send(letter: Letter, timeoutMs: number, stop: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}

/** What of an answer is read, in bytes: enough to use its connection again. */
const maxAnswerBytes = 64 * 1024;
/** What of it is kept, in characters. */
const maxExcerpt = 500;

/** Opens the way to the public internet, and with `allowPrivate` to one's own network too. */
export function openPost(allowPrivate: boolean, connectionsPerOrigin: number): Post {
  const agent = new Agent({
    connect: guardedConnector(allowPrivate, resolveBySystem),
    connections: connectionsPerOrigin,
  });
  return {
    async send(letter, timeoutMs, stop) {
      const problem = addressProblem(letter.url, allowPrivate);
      if (problem !== undefined)
        return { kind: 'unsent', error: `webhook_url refused: ${problem}`, isFinal: true };
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await exchange(agent, letter, AbortSignal.any([timeout, stop]));
      } catch (error) {
        if (timeout.aborted)
          return {
            kind: 'unsent',
            error: `the receiver did not answer within ${timeoutMs / 1000} s`,
            isFinal: false,
          };
        const { reason, message } = asEndpointFault(error);
        return { kind: 'unsent', error: message, isFinal: reason === 'endpoint_refused' };
      }
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  dispatcher: Dispatcher,
  { url, headers, body }: Letter,
  signal: AbortSignal,
): Promise<Sent> {
  const answer = await request(url, { dispatcher, method: 'POST', headers, body, signal });
  const retryAfterMs = retryAfter(answer.headers['retry-after'], answer.headers['date']);
  return {
    kind: 'answered',
    status: answer.statusCode,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    excerpt: await excerptOf(answer.body),
  };
}

/** The beginning of an answer as one line. Its status is known: that the rest breaks off changes nothing. */
async function excerptOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxAnswerBytes) break;
    }
  } catch {
    // What came before is enough.
  }
  const text = Buffer.concat(chunks)
    .subarray(0, 4 * maxExcerpt)
    .toString('utf8');
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, maxExcerpt);
}

type Header = string | string[] | undefined;

/** Milliseconds; undefined where the header says nothing that is known. A time is one of the receiver's clock. */
function retryAfter(header: Header, date: Header): number | undefined {
  if (typeof header !== 'string') return undefined;
  const now = Date.parse(String(date)) || Date.now();
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}
