import { isDeepStrictEqual } from 'node:util';
import type { StepRecord } from '../../../builder/model/spec.ts';
import { stepKey } from '../../../builder/model/stepKey.ts';
import type { Run } from '../../words/run.ts';

/** Runs that are remembered. Of one that was forgotten the same is told twice, which does no harm. */
const mostRuns = 5000;

/** What listeners were told last, so that they are not told the same again. */
export interface LastTold {
  /** Whether a run is another than was told last; then it is the last from now on. */
  isNews(run: Run): boolean;
  /** The same for a step of an attempt: one that is new, or has ended. */
  isStepNews(runId: string, attempt: number, step: StepRecord): boolean;
  /** A step was told of by whoever works on it. */
  noteStep(runId: string, step: StepRecord): void;
  /** Forgets the steps of runs that nobody listens to any more. */
  forgetSteps(listened: ReadonlyMap<string, unknown>): void;
}

interface ToldSteps {
  /** Undefined until it is known: who works on it says only the run. */
  attempt: number | undefined;
  byKey: Map<string, StepRecord>;
}

export function createLastTold(): LastTold {
  const runs = new Map<string, Run>();
  const steps = new Map<string, ToldSteps>();

  function stepsOf(runId: string): ToldSteps {
    const known = steps.get(runId) ?? { attempt: undefined, byKey: new Map<string, StepRecord>() };
    steps.set(runId, known);
    return known;
  }

  /** The steps of the attempt before are none of this one. */
  function begin(attempt: number, told: ToldSteps): void {
    if (told.attempt !== undefined && told.attempt !== attempt) told.byKey.clear();
    told.attempt = attempt;
  }

  return {
    isNews(run) {
      const isOther = !isDeepStrictEqual(runs.get(run.id), run);
      const told = steps.get(run.id);
      if (told) begin(run.attempt, told);
      runs.delete(run.id);
      runs.set(run.id, run);
      const oldest = runs.keys().next();
      if (runs.size > mostRuns && !oldest.done) runs.delete(oldest.value);
      return isOther;
    },
    isStepNews(runId, attempt, step) {
      const told = stepsOf(runId);
      begin(attempt, told);
      const before = told.byKey.get(stepKey(step));
      if (before && (before.durationMs !== undefined || step.durationMs === undefined)) return false;
      told.byKey.set(stepKey(step), step);
      return true;
    },
    noteStep(runId, step) {
      // The builder may go on with the same object.
      stepsOf(runId).byKey.set(stepKey(step), { ...step });
    },
    forgetSteps(listened) {
      for (const runId of steps.keys()) if (!listened.has(runId)) steps.delete(runId);
    },
  };
}
