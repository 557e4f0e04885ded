import { setTimeout as pause } from 'node:timers/promises';
import type { LogStream } from '../../../builder/model/log.ts';
import { holderOf } from '../../words/lease.ts';
import { Problem } from '../../words/problems.ts';
import { heard } from '../../words/transitions/running.ts';
import { type Calls, callKind } from '../calls/calls.ts';
import type { Outcome } from '../finish.ts';
import type { Room } from '../room.ts';
import type { Dispatch } from './dispatches.ts';
import { EndpointFault } from './endpointFault.ts';
import { createTurns, type Turns } from './turns.ts';

/** What an endpoint reports of a run while it is being called for it, by whatever process. All of these throw a Problem where it is not. */
type Report =
  | { kind: 'lines'; stream: LogStream; text: string }
  | { kind: 'done'; output?: string }
  | { kind: 'failed'; error: string };

interface PassedOn {
  runId: string;
  report: Report;
}

/**
 * A report that came to another process than the one that calls the endpoint. Where a log has no room for more lines the
 * answer says so at once: who waits there would be in the way of what others ask.
 */
const reportCall = callKind<PassedOn, 'full' | null>('endpoint report');
/** The end of a run is stored before the answer. */
const passOnMs = 30_000;
/** Of one run so many lines are passed on at once; and between two tries where its log is full, in milliseconds. */
const [mostLines, fullMs] = [8, 200];
const turnsOf = new WeakMap<Calls, Turns>();

/** It is alive. From then on it is missed where it says nothing for too long. */
export async function reportAlive(room: Room, runId: string): Promise<void> {
  if (!room.dispatches.has(runId) && (await holderElsewhere(room, runId)) === undefined)
    await dispatchOf(room, runId);
  await room.store.write(async (tx) => {
    const run = await tx.run(runId);
    if (run?.state === 'running') await tx.apply(run, undefined, heard(run, room.now()), '');
  });
}

/** Lines for the run's log. */
export async function reportLines(room: Room, runId: string, stream: LogStream, text: string): Promise<void> {
  await pass(room, runId, { kind: 'lines', stream, text });
}

/** The run is done, and gave back `output`, a JSON text. Its end is stored when this resolves. */
export async function reportDone(room: Room, runId: string, output: string | undefined): Promise<void> {
  await pass(room, runId, { kind: 'done', ...(output !== undefined && { output }) });
}

/** The run failed, and is not to be tried again. Its end is stored when this resolves. */
export async function reportFailed(room: Room, runId: string, error: string): Promise<void> {
  await pass(room, runId, { kind: 'failed', error });
}

/** Takes what came to other processes. */
export function answerReports(room: Room): void {
  room.calls.answer(reportCall, async ({ runId, report }) => {
    if (report.kind === 'lines') return takeLines(await dispatchOf(room, runId), report);
    await take(room, runId, report);
    return null;
  });
}

/** Ends the attempts of endpoints that had said that they are alive, and then said nothing for too long. */
export async function endSilent(room: Room): Promise<void> {
  const { silenceMs } = room.policy();
  for (const { held, settle: end } of room.dispatches.values()) {
    const run = await room.store.read.run(held.run.id);
    if (run?.state !== 'running' || run.heartbeatAt === null) continue;
    if (run.heartbeatAt > room.now() - silenceMs) continue;
    const sentence = `endpoint said nothing for ${silenceMs / 1000} s`;
    await end({ kind: 'fault', fault: new EndpointFault('endpoint_silent', sentence), leftover: false });
  }
}

/** Whoever calls the endpoint takes what it reports. */
async function pass(room: Room, runId: string, report: Report): Promise<void> {
  const holder = room.dispatches.has(runId) ? undefined : await holderElsewhere(room, runId);
  if (holder === undefined) return take(room, runId, report);
  const giveUpAt = performance.now() + passOnMs;
  try {
    if (report.kind !== 'lines') return void (await passOn(room, holder, { runId, report }, giveUpAt));
    const inTurn = turnsOf.get(room.calls) ?? createTurns(mostLines);
    turnsOf.set(room.calls, inTurn);
    await inTurn(runId, () => untilTaken(room, holder, { runId, report }, giveUpAt));
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'unavailable') throw error;
    const sentence = `the server that calls the endpoint of run ${runId} cannot be told: ${error.message}`;
    throw new Problem('unavailable', sentence, { retryAfterSecs: 1, cause: error });
  }
}

/** Asks again while the log of the run has no room. */
async function untilTaken(room: Room, holder: string, passed: PassedOn, giveUpAt: number): Promise<void> {
  const { signal } = room.closing;
  while ((await passOn(room, holder, passed, giveUpAt)) === 'full')
    await pause(fullMs, undefined, { signal }).catch(() => undefined);
}

function passOn(
  { calls, closing }: Room,
  holder: string,
  passed: PassedOn,
  giveUpAt: number,
): Promise<'full' | null> {
  const deadlineMs = giveUpAt - performance.now();
  if (deadlineMs <= 0 || closing.signal.aborted)
    throw new Problem('unavailable', 'its log has no room for more lines', { retryAfterSecs: 1 });
  return calls.ask(holder, reportCall, passed, { deadlineMs, signal: closing.signal });
}

/** The id of another member that works on the run; undefined where there is none. */
async function holderElsewhere({ store, fleet }: Room, runId: string): Promise<string | undefined> {
  if (!store.shared) return undefined;
  const { state, engine, leaseId = null } = (await store.read.attempts(runId)).at(-1) ?? {};
  // What an engine works on reports nothing.
  if (state !== 'running' || engine !== null || leaseId === null) return undefined;
  const holder = holderOf(leaseId);
  return holder === fleet.me.id ? undefined : holder;
}

function takeLines({ log }: Dispatch, { stream, text }: Extract<Report, { kind: 'lines' }>): 'full' | null {
  if (log.isFull) return 'full';
  // For room is waited with the next lines.
  void log.write(stream, text);
  return null;
}

async function take(room: Room, runId: string, report: Report): Promise<void> {
  const dispatch = await dispatchOf(room, runId);
  if (report.kind === 'lines') await dispatch.log.write(report.stream, report.text);
  else await settle(dispatch, runId, outcomeOf(report));
}

function outcomeOf(report: Exclude<Report, { kind: 'lines' }>): Outcome {
  if (report.kind === 'failed')
    return { kind: 'fault', fault: new EndpointFault('endpoint_reported', report.error), leftover: false };
  const { output } = report;
  return { kind: 'done', result: null, ...(output !== undefined && { output }) };
}

async function settle(dispatch: Dispatch, runId: string, outcome: Outcome): Promise<void> {
  if (!(await dispatch.settle(outcome)))
    throw new Problem('conflict', `run ${runId} is ending already, by something else than this report`);
}

async function dispatchOf(room: Room, runId: string): Promise<Dispatch> {
  const dispatch = room.dispatches.get(runId);
  if (dispatch) return dispatch;
  const run = await room.store.read.run(runId);
  if (!run) throw new Problem('not_found', `there is no run ${runId}`);
  if (run.kind !== 'http')
    throw new Problem('conflict', `run ${runId} calls no endpoint: the server itself reports how it goes`);
  throw new Problem('conflict', `run ${runId} is ${run.state}: only a running one is reported on`);
}
