import type { BuildEvent, PhaseRecord, StepRecord } from '../../builder/model/spec.ts';
import { stepKey } from '../../builder/model/stepKey.ts';
import type { Progress } from '../store/contract/runs.ts';
import type { AttemptRecord } from '../words/transitions/change.ts';
import type { Claimed } from './claim.ts';
import type { Room } from './room.ts';

export interface ProgressRecorder {
  onEvent(event: BuildEvent): void;
  /** The phases and steps so far, for the attempt's end. */
  record(lastLine: number | null): AttemptRecord;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Keeps what a build tells: in memory for the attempt's end, in the store for those who look meanwhile (a new phase
 * at once, steps in batches of `stepsEveryMs`), and to the live readers.
 */
export function recordProgress(room: Room, held: Claimed, stepsEveryMs = 500): ProgressRecorder {
  const phases: PhaseRecord[] = [];
  const steps = new Map<string, StepRecord>();
  const inOrder = (): StepRecord[] => [...steps.values()].toSorted((a, b) => a.number - b.number);
  let commit: string | undefined;
  let pending: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function save(progress: Progress, soon: boolean): void {
    pending = { ...pending, ...progress };
    if (soon) return flush();
    timer ??= setTimeout(flush, stepsEveryMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const progress = pending;
    if (!progress) return;
    pending = undefined;
    writing = writing
      .then(() => write(room, held, progress))
      .catch((error: unknown) =>
        room.report.warn({ error, run: held.run.id }, 'progress could not be stored'),
      );
  }

  function onEvent(event: BuildEvent): void {
    switch (event.type) {
      case 'phase:start':
        phases.push({ phase: event.phase, startedAt: event.at });
        return save({ phase: event.phase, phases: [...phases] }, true);
      case 'phase:end': {
        const open = phases.at(-1);
        if (open) Object.assign(open, { endedAt: event.at, exitCode: event.exitCode });
        return save({ phases: [...phases] }, false);
      }
      case 'source:resolved':
        commit = event.commit;
        return save({ commit }, false);
      case 'step:start':
      case 'step:end':
        steps.set(stepKey(event.step), event.step);
        room.events.stepChanged(held.run.id, event.step);
        return save({ steps: inOrder() }, false);
    }
  }

  return {
    onEvent,
    record: (lastLine) => ({
      ...(commit === undefined ? {} : { commit }),
      phases,
      steps: inOrder(),
      lastLine,
    }),
    async settled() {
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
}
