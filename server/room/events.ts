import type { StepRecord } from '../../builder/model/spec.ts';
import type { Run } from '../words/run.ts';

export type RunListener = (run: Run) => void;
export type StepListener = (step: StepRecord) => void;

/** Tells whoever listens that a run is new or changed, after the change was committed. */
export interface RunEvents {
  runChanged(run: Run): void;
  stepChanged(runId: string, step: StepRecord): void;
  onRun(runId: string, listener: RunListener): () => void;
  onStep(runId: string, listener: StepListener): () => void;
  onAnyRun(listener: RunListener): () => void;
}

export function createRunEvents(): RunEvents {
  const runs = new Map<string, Set<RunListener>>();
  const steps = new Map<string, Set<StepListener>>();
  const any = new Set<RunListener>();
  return {
    runChanged(run) {
      for (const listener of runs.get(run.id) ?? []) listener(run);
      for (const listener of any) listener(run);
    },
    stepChanged(runId, step) {
      for (const listener of steps.get(runId) ?? []) listener(step);
    },
    onRun: (runId, listener) => add(runs, runId, listener),
    onStep: (runId, listener) => add(steps, runId, listener),
    onAnyRun(listener) {
      any.add(listener);
      return () => any.delete(listener);
    },
  };
}

function add<L>(map: Map<string, Set<L>>, key: string, listener: L): () => void {
  const listeners = map.get(key) ?? new Set<L>();
  listeners.add(listener);
  map.set(key, listeners);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) map.delete(key);
  };
}
