import type { Reads } from '../../store/store.ts';
import type { Run } from '../../words/run.ts';

/** Finds what happens among all runs, for those who listen to all of them. */
export interface Stirring {
  /** The runs that are new, run, or ended lately; `gone` are others that ran at the last look and do not any more. */
  look(): Promise<{ found: Run[]; gone: string[] }>;
  /** Nobody listens: the next look begins anew. */
  rest(): void;
}

/** The end of a run carries the time when its write began: so much later, in milliseconds, it can be read for certain. */
const lateMs = 10_000;

/** Runs of each kind that one look finds at most. */
const most = 500;

export function createStirring(read: Pick<Reads, 'stirringRuns' | 'runs'>, now: () => number): Stirring {
  let newest: number | undefined;
  let running = new Set<string>();
  return {
    async look() {
      newest ??= (await read.runs({}, { limit: 1 }))[0]?.key ?? 0;
      const runs = await read.stirringRuns({ key: newest, endedAt: now() - lateMs }, most);
      newest = Math.max(newest, ...runs.map(({ key }) => key));
      const gone = [...running.difference(new Set(runs.map(({ id }) => id)))];
      running = new Set(runs.filter(({ state }) => state === 'running').map(({ id }) => id));
      return { found: runs, gone };
    },
    rest() {
      newest = undefined;
      running = new Set();
    },
  };
}
