import type { StepRecord } from '../../../builder/model/spec.ts';
import type { LogPiece } from '../../room/logs/piece.ts';
import { isTerminal } from '../../words/run.ts';
import type { LiveDeps } from './deps.ts';
import type { Message } from './messages.ts';
import { firstOf, type Start } from './start.ts';
import type { Watch } from './watches.ts';

/** The way to one client. */
export interface Outlet {
  readonly isGone: boolean;
  /** Resolves when the client has taken what waits for it; at once where that is little. */
  ready(): Promise<void>;
  /** `line` is the number of the newest line that the client has then. */
  send(message: Message, line: number | undefined): void;
  sendLines(piece: LogPiece): void;
}

/** Something that sleeps until it is woken. A call that comes before the sleep is not missed. */
export interface Alarm {
  wake(): void;
  sleep(): Promise<void>;
}

export function newAlarm(): Alarm {
  let isWoken = false;
  let sleeper: (() => void) | undefined;
  return {
    wake() {
      isWoken = true;
      sleeper?.();
    },
    async sleep() {
      if (!isWoken) await new Promise<void>((resolve) => (sleeper = resolve));
      isWoken = false;
      sleeper = undefined;
    },
  };
}

/**
 * Tells one client all about a run: its state and steps, its log from `start` on, and its end. A slow client is
 * waited for, and then reads on from the log by line number: nothing is kept for it meanwhile.
 */
export async function readRun(
  deps: LiveDeps,
  watch: Watch,
  start: Start,
  outlet: Outlet,
  alarm: Alarm,
): Promise<void> {
  const runId = watch.run.id;
  const first = firstOf(start, (await deps.logs.lineCount(runId)) ?? 0);
  const follower = deps.logs.follow(runId, first, () => alarm.wake());
  const sendChanges = changeSender(deps, outlet);
  try {
    while (!outlet.isGone) {
      await outlet.ready();
      sendChanges(watch);
      // Asked before the lines: the log of a run that has ended is whole.
      const hasEnded = isTerminal(watch.run.state);
      const item = await follower.take();
      if (item?.kind === 'lines') outlet.sendLines(item);
      else if (item) outlet.send({ type: 'gap', first: item.first, last: item.last }, item.last);
      else if (hasEnded) return await sendEnd(deps, watch, outlet);
      else await alarm.sleep();
    }
  } finally {
    follower.close();
  }
}

/** Sends what is new of state and steps since it was last called. */
function changeSender(deps: LiveDeps, outlet: Outlet): (watch: Watch) => void {
  let version = -1;
  let sentState = '';
  let sentSteps = new Set<StepRecord>();
  return (watch) => {
    if (watch.version === version) return;
    version = watch.version;
    const { attempt, phase } = watch.run;
    const state: Message = { type: 'state', status: deps.status(watch.run), phase, attempt };
    const stateJson = JSON.stringify(state);
    if (stateJson !== sentState) outlet.send(state, undefined);
    sentState = stateJson;
    const steps = [...watch.steps];
    for (const step of steps) if (!sentSteps.has(step)) outlet.send({ type: 'step', step }, undefined);
    sentSteps = new Set(steps);
  };
}

async function sendEnd(deps: LiveDeps, { run }: Watch, outlet: Outlet): Promise<void> {
  const lines = (await deps.logs.lineCount(run.id)) ?? 0;
  const { reason, error } = run;
  outlet.send({ type: 'end', status: deps.status(run), reason, error, lines }, lines);
}
