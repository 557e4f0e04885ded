import { setTimeout as pause } from 'node:timers/promises';
import type { BuildEvent, PhaseRecord, StepRecord } from '../../builder/model/spec.ts';
import { stepKey } from '../../builder/model/stepKey.ts';
import type { Progress } from '../store/contract/runs.ts';
import { StoreUnavailable } from '../words/storeUnavailable.ts';
import type { AttemptRecord } from '../words/transitions/change.ts';
import type { Claimed } from './claim.ts';
import { toStoreTime } from './cluster/storeTime.ts';
import type { Room } from './room.ts';

/** What could not be stored is tried again after so many milliseconds. */
const awayMs = 1000;

export interface ProgressRecorder {
  onEvent(event: BuildEvent): void;
  /** The phases and steps so far, for the attempt's end. */
  record(lastLine: number | null): AttemptRecord;
  /** Resolves when nothing is being written any more; what waited for it is not. */
  settled(): Promise<void>;
  /** Resolves when all is stored, for whoever goes on with the attempt; or could not be until `signal` is aborted. */
  stored(signal: AbortSignal): Promise<void>;
}

/**
 * Keeps what a build tells: in memory for the attempt's end, in the store for those who look meanwhile (a new phase
 * at once, steps in batches of `stepsEveryMs`), and to the live readers. It begins with what the attempt has stored.
 */
export function recordProgress(room: Room, held: Claimed, stepsEveryMs = 500): ProgressRecorder {
  const inherited = held.attempt.phases;
  const inStoreTime = toStoreTime(room);
  const phases: PhaseRecord[] = [...inherited];
  const steps = new Map(held.attempt.steps.map((step): [string, StepRecord] => [stepKey(step), step]));
  const inOrder = (): StepRecord[] => [...steps.values()].toSorted((a, b) => a.number - b.number);
  let commit: string | undefined;
  let pending: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isSettled = false;

  function save(progress: Progress, inMs: number): void {
    pending = { ...pending, ...progress };
    if (inMs === 0) return flush();
    timer ??= setTimeout(flush, inMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const progress = pending;
    if (!progress) return;
    pending = undefined;
    writing = writing
      .then(() => write(room, held, progress))
      .catch((error: unknown) => {
        room.report.warn({ error, run: held.run.id }, 'progress could not be stored');
        if (error instanceof StoreUnavailable && !isSettled) save({ ...progress, ...pending }, awayMs);
      });
  }

  /** What whoever held the attempt before has told of is not told twice, and ended where they could not say so. */
  function open({ phase, at }: Extract<BuildEvent, { type: 'phase:start' }>): void {
    const known = inherited.findIndex((one) => one.phase === phase);
    if (known >= 0) phases.splice(known);
    const last = phases.at(-1);
    if (last && last.endedAt === undefined) phases.splice(-1, 1, { ...last, endedAt: at, exitCode: 0 });
    phases.push({ phase, startedAt: inherited[known]?.startedAt ?? at });
  }

  function onEvent(event: BuildEvent): void {
    switch (event.type) {
      case 'phase:start':
        open(event);
        return save({ phase: event.phase, phases: [...phases] }, 0);
      case 'phase:end': {
        const last = phases.at(-1);
        if (last) Object.assign(last, { endedAt: event.at, exitCode: event.exitCode });
        return save({ phases: [...phases] }, stepsEveryMs);
      }
      case 'source:resolved':
        commit = event.commit;
        return save({ commit }, stepsEveryMs);
      case 'step:start':
      case 'step:end':
        steps.set(stepKey(event.step), event.step);
        room.events.stepChanged(held.run.id, event.step);
        return save({ steps: inOrder() }, stepsEveryMs);
    }
  }

  return {
    onEvent: (event) => onEvent(inStoreTime(event)),
    record: (lastLine) => ({
      ...(commit === undefined ? {} : { commit }),
      phases,
      steps: inOrder(),
      lastLine,
    }),
    async stored(signal) {
      for (;;) {
        flush();
        await writing;
        if (!pending || signal.aborted) return;
        await pause(awayMs, undefined, { signal }).catch(() => undefined);
      }
    },
    async settled() {
      isSettled = true;
      clearTimeout(timer);
      pending = undefined;
      await writing;
    },
  };
}

async function write(room: Room, { run, attempt, leaseId }: Claimed, progress: Progress): Promise<void> {
  const changed = await room.store.write(async (tx) => {
    const kept = await tx.recordProgress(attempt.id, leaseId, progress);
    return kept && progress.phase !== undefined ? tx.run(run.id) : undefined;
  });
  if (changed) room.events.runChanged(changed);
  if (progress.steps) room.events.stepsStored(run.id);
}
