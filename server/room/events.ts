import type { StepRecord } from '../../builder/model/spec.ts';
import type { Run } from '../words/run.ts';

export type RunListener = (run: Run) => void;
export type StepListener = (step: StepRecord) => void;

/** Tells whoever listens that a run is new or changed, after the change was committed. */
export interface RunEvents {
  runChanged(run: Run): void;
  /** The same for a change that another process made. */
  runHeard(run: Run): void;
  stepChanged(runId: string, step: StepRecord): void;
  /** What was told of the steps of a run is in the store now, for other processes. */
  stepsStored(runId: string): void;
  onRun(runId: string, listener: RunListener): () => void;
  onStep(runId: string, listener: StepListener): () => void;
  onAnyRun(listener: RunListener): () => void;
  /** Hears only of changes that this process made. */
  onOwnRun(listener: RunListener): () => void;
  listened(): Listened;
}

/** What somebody listens to. */
export interface Listened {
  /** Runs by themselves. */
  readonly runs: ReadonlyMap<string, unknown>;
  /** Runs whose steps are listened to. */
  readonly steps: ReadonlyMap<string, unknown>;
  /** Whether somebody listens to all runs, own changes apart. */
  readonly any: boolean;
}

export function createRunEvents(): RunEvents {
  const runs = new Map<string, Set<RunListener>>();
  const steps = new Map<string, Set<StepListener>>();
  const any = new Set<RunListener>();
  const own = new Set<RunListener>();

  function runHeard(run: Run): void {
    for (const listener of runs.get(run.id) ?? []) listener(run);
    for (const listener of any) listener(run);
  }

  return {
    runHeard,
    runChanged(run) {
      runHeard(run);
      for (const listener of own) listener(run);
    },
    stepChanged(runId, step) {
      for (const listener of steps.get(runId) ?? []) listener(step);
    },
    stepsStored() {
      // Whoever listens here was told before.
    },
    onRun: (runId, listener) => add(runs, runId, listener),
    onStep: (runId, listener) => add(steps, runId, listener),
    onAnyRun: (listener) => addTo(any, listener),
    onOwnRun: (listener) => addTo(own, listener),
    listened: () => ({ runs, steps, any: any.size > 0 }),
  };
}

function addTo<L>(listeners: Set<L>, listener: L): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
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
