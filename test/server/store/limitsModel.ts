import type { JobDefinition, RateLimitKey } from '../../../server/words/job.ts';
import { rankOf } from '../../../server/words/rank.ts';

/** What the queue is to do, in the plainest words: no indexes, no gates, everything counted again each time. */
interface ModelJob {
  slug: string;
  enabled: boolean;
  paused: boolean;
  definition: JobDefinition;
}

export interface ModelRun {
  id: string;
  slug: string;
  key: string;
  queue: string;
  priority: number;
  availableAt: number;
  state: 'queued' | 'running' | 'ended';
}

interface ModelQueue {
  paused: boolean;
  maxRunning: number | null;
}

interface Start {
  name: string;
  at: number;
  /** How much time had gone by, whatever the clock said. */
  elapsed: number;
}

export function createModel() {
  const jobs = new Map<string, ModelJob>();
  const runs = new Map<string, ModelRun>();
  const queues = new Map<string, ModelQueue>();
  const starts: Start[] = [];
  const servedAt = new Map<string, number>();
  let now = 1_000_000;
  let elapsed = 0;

  const all = () => [...runs.values()];
  const running = (which: (run: ModelRun) => boolean) =>
    all().filter((run) => run.state === 'running' && which(run)).length;
  const lineOf = ({ slug, key, queue }: ModelRun) => JSON.stringify([slug, key, queue]);
  const jobOf = (run: ModelRun): ModelJob => {
    const job = jobs.get(run.slug);
    if (!job) throw new Error(`no job ${run.slug}`);
    return job;
  };
  const budgetsOf = (run: ModelRun): RateLimitKey[] => jobOf(run).definition.rateLimitKeys ?? [];

  /** Whether anything but time and budgets holds the run back. */
  function isHeld(run: ModelRun): boolean {
    const { enabled, paused, definition } = jobOf(run);
    const { maxConcurrency = 0, maxConcurrencyPerKey = 0 } = definition;
    const queue = queues.get(run.queue) ?? { paused: false, maxRunning: null };
    const ofQueue = running((other) => other.queue === run.queue);
    const ofJob = running((other) => other.slug === run.slug);
    const ofKey = running((other) => other.slug === run.slug && other.key === run.key);
    const full = [
      !enabled || paused || queue.paused,
      queue.maxRunning !== null && ofQueue >= queue.maxRunning,
      maxConcurrency > 0 && ofJob >= maxConcurrency,
      maxConcurrencyPerKey > 0 && run.key !== '' && ofKey >= maxConcurrencyPerKey,
    ];
    return full.includes(true);
  }

  /** When its budgets let the run go, as the clock tells it. */
  function budgetsOpenAt(run: ModelRun): number {
    const times = budgetsOf(run).map(({ name, max, windowSecs }) => {
      const past = starts.filter((start) => start.name === name).toSorted((a, b) => b.at - a.at);
      return (past[max - 1]?.at ?? -Infinity) + windowSecs * 1000;
    });
    return Math.max(-Infinity, ...times);
  }

  /** Whether one more start is within the budgets, as much time as really has gone by. */
  function isWithinBudgets(run: ModelRun): boolean {
    return budgetsOf(run).every(({ name, max, windowSecs }) => {
      const since = elapsed - windowSecs * 1000;
      return starts.filter((start) => start.name === name && start.elapsed > since).length < max;
    });
  }

  function turnOf(run: ModelRun): number {
    const rank = rankOf(run.priority, run.availableAt);
    const isFair = jobOf(run).definition.supersedePolicy === 'round_robin';
    return isFair ? Math.max(rank, servedAt.get(lineOf(run)) ?? -Infinity) : rank;
  }

  /** The runs that may go, those whose turn it is first: more than one only where their turns are the same. */
  function next(): ModelRun[] {
    const able = all().filter(
      (run) => run.state === 'queued' && run.availableAt <= now && !isHeld(run) && budgetsOpenAt(run) <= now,
    );
    const first = Math.min(...able.map(turnOf));
    const lines = new Set(able.filter((run) => turnOf(run) === first).map(lineOf));
    return able.filter((run) => lines.has(lineOf(run)) && isFirstOfLine(run, able));
  }

  function isFirstOfLine(run: ModelRun, able: readonly ModelRun[]): boolean {
    const ranks = able
      .filter((other) => lineOf(other) === lineOf(run))
      .map((other) => rankOf(other.priority, other.availableAt));
    return rankOf(run.priority, run.availableAt) === Math.min(...ranks);
  }

  /** A line with a key is forgotten when nothing is in it. */
  function forgetIdle(run: ModelRun): void {
    const isIdle = all().every((other) => other.state === 'ended' || lineOf(other) !== lineOf(run));
    if (isIdle && run.key !== '') servedAt.delete(lineOf(run));
  }

  return {
    jobs,
    runs,
    queues,
    next,
    isHeld,
    isWithinBudgets,
    get now() {
      return now;
    },
    pass(ms: number) {
      now += ms;
      elapsed += Math.max(0, ms);
    },
    start(run: ModelRun) {
      const before = servedAt.get(lineOf(run)) ?? -Infinity;
      servedAt.set(lineOf(run), before >= now ? before + 1 : now);
      for (const { name } of budgetsOf(run)) starts.push({ name, at: now, elapsed });
      run.state = 'running';
    },
    end(run: ModelRun) {
      run.state = 'ended';
      forgetIdle(run);
    },
    /** When time alone lets one more run go; Infinity where it never does. */
    nextByTime(): number {
      const waiting = all().filter((run) => run.state === 'queued' && !isHeld(run));
      return Math.min(...waiting.map((run) => Math.max(run.availableAt, budgetsOpenAt(run))));
    },
  };
}
