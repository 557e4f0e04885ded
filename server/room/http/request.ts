import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../words/canonical.ts';
import type { HttpDefinition } from '../../words/job.ts';
import type { Room } from '../room.ts';
import type { Held } from '../worker.ts';
import type { Outgoing } from './client.ts';
import { signingSecret } from './secrets.ts';
import { runTokenOf } from './token.ts';

/** What is sent for an attempt, to whichever of its addresses. */
export interface DispatchRequest extends Omit<Outgoing, 'url'> {
  /** Values that no log may show. */
  secrets: string[];
}

const mostErrorLength = 1024;

/** Headers that belong to the connection, to the body or to us, and are nobody's to set. */
export const ourHeaders: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'x-run-id',
  'x-job-id',
  'x-attempt',
  'x-previous-error',
  'x-run-token',
  'x-strait-timestamp',
  'x-strait-signature',
]);

/** Names of headers whose value is likely a secret. */
const secretName = /auth|token|key|secret|cookie|sign|pass/;

/** The request that an attempt is: the payload in its canonical form, and what tells whose it is. */
export async function dispatchRequest(
  room: Room,
  { run, job, attempt }: Held,
  http: HttpDefinition,
): Promise<DispatchRequest> {
  const { payload } = await room.store.read.runBody(run.id);
  const body = payload === null ? '{}' : canonicalJson(JSON.parse(payload));
  const token = runTokenOf(room, run);
  const secret =
    http.signingSecret === undefined
      ? undefined
      : room.sealer.open(http.signingSecret, signingSecret(job.id));
  const own = setHeaders(http.headers ?? {});
  return {
    body,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, */*;q=0.5',
      'accept-encoding': 'identity',
      'user-agent': 'docker-builder',
      'x-run-id': run.id,
      'x-job-id': job.id,
      'x-attempt': String(attempt.number),
      ...traceHeaders(run.metadata),
      ...(run.error !== null &&
        attempt.number > 1 &&
        run.reason !== 'released' && { 'x-previous-error': asHeader(run.error) }),
    },
    ownHeaders: {
      ...own,
      'x-run-token': token,
      ...(secret !== undefined && signatureHeaders(secret, body, room.now())),
    },
    secrets: [token, ...secretsAmong(own), ...(secret === undefined ? [] : [secret])],
  };
}

function setHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lowered.filter(([name]) => !ourHeaders.has(name)));
}

function secretsAmong(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (secretName.test(name) ? [value] : []));
}

/** The trace that a trigger belongs to was kept beside the run. */
function traceHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const found = Object.entries(metadata)
    .map(([name, value]) => [name.toLowerCase(), asHeader(value)] as const)
    .filter(([name]) => name === 'traceparent' || name === 'tracestate');
  return Object.fromEntries(found);
}

function signatureHeaders(secret: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-strait-timestamp': timestamp, 'x-strait-signature': `v1=${signature}` };
}

/** A text as the value of a header: what no header may hold becomes a space. */
function asHeader(text: string): string {
  return text
    .slice(0, mostErrorLength)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim();
}
