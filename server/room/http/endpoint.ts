import { BuildFault } from '../../../builder/model/faults.ts';
import type { HttpDefinition } from '../../words/job.ts';
import type { Fault } from '../../words/reasons.ts';
import type { Run } from '../../words/run.ts';
import type { Outcome } from '../finish.ts';
import type { Room } from '../room.ts';
import type { Held } from '../worker.ts';
import { ask, askWithFallback, CircuitOpen } from './ask.ts';
import { EndpointFault } from './endpointFault.ts';
import type { Answer } from './exchange.ts';
import type { LazyLog } from './lazyLog.ts';
import { faultOfAnswer, outputOf, traceOf } from './outcome.ts';
import { dispatchRequest } from './request.ts';

export interface CallOutputs {
  log: LazyLog;
  /** Gets the values that no log may show. */
  secrets: string[];
}

/** How often an attempt is given back because its endpoint is left alone; after that it counts. */
const mostGivenBack = 30;

/** Those that were given back come again over this time at least, not all at once; in milliseconds. */
const leastSpreadMs = 1000;

/** Calls the endpoint that an attempt is for. Never rejects: whatever goes wrong is the outcome. */
export async function callEndpoint(
  room: Room,
  held: Held,
  { log, secrets }: CallOutputs,
  signal: AbortSignal,
): Promise<Outcome> {
  const trace = startTrace(room, held);
  try {
    const { http } = held.job.definition;
    if (!http) throw new Error(`job ${held.job.id} has no endpoint`);
    const answer = await answerOf(room, held, http, { log, secrets }, signal);
    log.note(`endpoint returned ${answer.status}`);
    const fault = faultOfAnswer(answer, secrets);
    if (fault) return { kind: 'fault', fault, leftover: false, trace: trace(answer) };
    const output = outputOf(answer);
    return { kind: 'done', result: null, ...(output !== undefined && { output }), trace: trace(answer) };
  } catch (error) {
    if (error instanceof CircuitOpen) return givenBack(room, held.run, error);
    return { kind: 'fault', fault: asFault(room, held, error), leftover: false };
  }
}

async function answerOf(
  room: Room,
  held: Held,
  http: HttpDefinition,
  { log, secrets }: CallOutputs,
  signal: AbortSignal,
): Promise<Answer> {
  const { run, attempt } = held;
  const request = await dispatchRequest(room, held, http);
  secrets.push(...request.secrets);
  log.note(`attempt ${attempt.number} of ${run.project}/${run.slug}: POST ${placeOf(http.url)}`);
  const asked = { client: room.http, circuits: room.circuits };
  const { url, fallbackUrl } = http;
  if (fallbackUrl === undefined || fallbackUrl === '') return ask(asked, { ...request, url }, signal);
  const onFallback = (why: string) => log.note(`${why}: POST ${placeOf(fallbackUrl)}`);
  // Of the time of the attempt one half is for each address.
  const fallback = { url: fallbackUrl, limitMs: run.timeoutMs / 2, onFallback };
  return askWithFallback(asked, { ...request, url }, fallback, signal);
}

/** Without the query, which may hold a secret. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function startTrace(room: Room, { attempt }: Held): (answer: Answer) => ReturnType<typeof traceOf> {
  const begunAt = performance.now();
  const startedAt = attempt.startedAt ?? room.now();
  const dequeueMs = room.now() - startedAt;
  const queueMs = startedAt - Math.max(attempt.queuedAt, attempt.availableAt);
  return (answer) =>
    traceOf(answer, { queueMs, dequeueMs, totalMs: dequeueMs + performance.now() - begunAt });
}

/** Nobody was asked, so no try is spent, until that has happened too often. */
function givenBack(room: Room, run: Run, { message, reopensAt }: CircuitOpen): Outcome {
  if (run.attempt - run.countedAttempts >= mostGivenBack)
    return { kind: 'fault', fault: new EndpointFault('endpoint_unreachable', message), leftover: false };
  const spread = Math.max(leastSpreadMs, (reopensAt - room.now()) / 4);
  return {
    kind: 'fault',
    fault: { reason: 'released', message },
    leftover: false,
    availableAt: Math.ceil(reopensAt + Math.random() * spread),
  };
}

/** An abort is the first reason given for it; anything unknown is our own fault. */
function asFault(room: Room, { run }: Held, error: unknown): Fault {
  if (error instanceof EndpointFault || error instanceof BuildFault) return error;
  room.report.error({ error, run: run.id }, 'a call failed in a way that the server does not know');
  return { reason: 'internal', message: error instanceof Error ? error.message : String(error) };
}
