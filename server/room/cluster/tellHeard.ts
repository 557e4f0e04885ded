import type { StepRecord } from '../../../builder/model/spec.ts';
import type { Attempt, Run } from '../../words/run.ts';
import type { RunEvents } from '../events.ts';
import { createLastTold } from './lastTold.ts';

export type StepsOfAttempt = Pick<Attempt, 'runId' | 'number' | 'steps'>;

/** Tells listeners of what was read, where it is news; never of an older state after a newer one. */
export interface Teller {
  /** A read begins: what is changed here from now on is newer than what it finds. */
  begin(): void;
  /** Gives the runs that changed here while they were read, and are to be read again. */
  tell(runs: readonly Run[], steps?: readonly StepsOfAttempt[]): string[];
  /** No read is under way. */
  end(): void;
  /** Somebody is about to be told of a change that was made here. */
  noteRun(run: Run): void;
  noteStep(runId: string, step: StepRecord): void;
  forgetUnheard(): void;
}

export function createTeller(events: RunEvents): Teller {
  const told = createLastTold();
  let touched: Set<string> | undefined;

  function tellSteps({ id, attempt }: Run, attempts: readonly StepsOfAttempt[]): void {
    const own = attempts.find(({ runId, number }) => runId === id && number === attempt);
    for (const step of own?.steps ?? []) if (told.isStepNews(id, attempt, step)) events.stepChanged(id, step);
  }

  return {
    begin() {
      touched = new Set();
    },
    tell(runs, steps = []) {
      const again = runs.filter(({ id }) => touched?.has(id));
      for (const run of new Set(runs).difference(new Set(again))) {
        // In one turn: who hears of the end of a run hears of its steps.
        if (told.isNews(run)) events.runHeard(run);
        tellSteps(run, steps);
      }
      return again.map(({ id }) => id);
    },
    end() {
      touched = undefined;
    },
    noteRun(run) {
      touched?.add(run.id);
      const { runs, any } = events.listened();
      if (any || runs.has(run.id)) told.isNews(run);
    },
    noteStep(runId, step) {
      if (events.listened().steps.has(runId)) told.noteStep(runId, step);
    },
    forgetUnheard: () => told.forgetSteps(events.listened().steps),
  };
}
