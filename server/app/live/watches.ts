import type { StepRecord } from '../../../builder/model/spec.ts';
import { stepKey } from '../../../builder/model/stepKey.ts';
import type { Run } from '../../words/run.ts';
import type { LiveDeps } from './deps.ts';

/** The present state of a run, kept up to date for all who read it. */
export interface Watch {
  readonly run: Run;
  /** Steps of the newest attempt. A step that changed is a new object. */
  readonly steps: Iterable<StepRecord>;
  /** Grows with each change. */
  readonly version: number;
  close(): void;
}

export interface Watches {
  /** `onChange` is called whenever run or steps changed. Undefined where there is no such run. */
  open(runId: string, onChange: () => void): Promise<Watch | undefined>;
}

interface Shared {
  run: Run | undefined;
  steps: Map<string, StepRecord>;
  version: number;
  loaded: Promise<void>;
  listeners: Set<() => void>;
  stop(): void;
}

/** However many read a run, the store is asked once, and the events of the run are heard once. */
export function newWatches({ store, events, report }: LiveDeps, lookMs: number): Watches {
  const shared = new Map<string, Shared>();

  async function open(runId: string, onChange: () => void): Promise<Watch | undefined> {
    const watch = shared.get(runId) ?? begin(runId);
    const listener = (): void => onChange();
    watch.listeners.add(listener);
    const close = (): void => leave(runId, watch, listener);
    await watch.loaded.catch((error: unknown) => {
      close();
      throw error;
    });
    const { run } = watch;
    if (run) return viewOf(watch, run, close);
    close();
    return undefined;
  }

  function begin(runId: string): Shared {
    const watch: Shared = {
      run: undefined,
      steps: new Map(),
      version: 0,
      loaded: Promise.resolve(),
      listeners: new Set(),
      stop,
    };
    const stops = [
      events.onRun(runId, (run) => changed(watch, run)),
      events.onStep(runId, (step) => stepped(watch, step)),
    ];
    const timer = setInterval(() => void look(), lookMs).unref();
    function stop(): void {
      clearInterval(timer);
      for (const end of stops) end();
    }
    async function look(): Promise<void> {
      await load(runId, watch).catch((error: unknown) =>
        report.warn({ error, run: runId }, 'a run could not be read'),
      );
    }
    watch.loaded = load(runId, watch);
    shared.set(runId, watch);
    return watch;
  }

  async function load(runId: string, watch: Shared): Promise<void> {
    const before = watch.run;
    const run = await store.run(runId);
    const attempts = run ? await store.attempts(runId) : [];
    // What was told meanwhile is newer than what was read.
    if (run && watch.run === before) changed(watch, run);
    const newest = attempts.find(({ number }) => number === watch.run?.attempt);
    for (const step of newest?.steps ?? [])
      if (isNews(step, watch.steps.get(stepKey(step)))) stepped(watch, step);
  }

  function leave(runId: string, watch: Shared, listener: () => void): void {
    watch.listeners.delete(listener);
    if (watch.listeners.size > 0) return;
    watch.stop();
    if (shared.get(runId) === watch) shared.delete(runId);
  }

  return { open };
}

function viewOf(watch: Shared, first: Run, close: () => void): Watch {
  return {
    close,
    get run() {
      return watch.run ?? first;
    },
    get steps() {
      return watch.steps.values();
    },
    get version() {
      return watch.version;
    },
  };
}

function changed(watch: Shared, run: Run): void {
  if (watch.run && watch.run.attempt !== run.attempt) watch.steps.clear();
  watch.run = run;
  tell(watch);
}

function stepped(watch: Shared, step: StepRecord): void {
  // The builder may go on with the same object.
  watch.steps.set(stepKey(step), { ...step });
  tell(watch);
}

function isNews(step: StepRecord, known: StepRecord | undefined): boolean {
  return known === undefined || (known.durationMs === undefined && step.durationMs !== undefined);
}

function tell(watch: Shared): void {
  watch.version++;
  for (const listener of watch.listeners) listener();
}
