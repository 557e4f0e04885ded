import { setImmediate as turn } from 'node:timers/promises';
import type { ComingTick, DueTick, Tick } from '../../store/contract/jobs.ts';
import type { Job } from '../../words/job.ts';
import { tickAfter } from '../../words/ticks.ts';
import type { Room } from '../room.ts';
import { type Draft, draftOf } from './draft.ts';

/** How long before its tick a job is read at the earliest, in milliseconds. */
const aheadMs = 3000;

/** The time between two looks, in milliseconds. */
const pauseMs = 500;

/** So long before a tick nothing more is read ahead, and nothing more written, in milliseconds. */
const [restMs, writeRestMs] = [25, 200];

/** Jobs that are read in one go, so that nobody else waits for long. */
const page = 25;

/** Jobs that are kept, and the characters of the longest definition among them: of others each tick reads its own. */
const [mostKept, longestKept] = [2000, 8192];

/** What is known of a tick before its time. */
export interface Foreseen {
  job: Job;
  /** The tick that follows it. */
  next: number | null;
  /** The run that it makes; undefined where that is for the tick to find out. */
  draft: Draft | undefined;
}

/** Many schedules tick in the same moment: what can be read, worked out and made before is, in the last seconds before it. */
export interface Ahead {
  /** Reads the jobs whose ticks come soon, the first of them at `nextAt`; stops in time for what is to be done at `before`. */
  look(nextAt: number, before: number): Promise<void>;
  /** Gives what was read of a tick, once; undefined where nothing was, or the job has another version now. */
  take(tick: DueTick): Foreseen | undefined;
}

export function createAhead(room: Pick<Room, 'store' | 'now' | 'policy' | 'report'>): Ahead {
  const { store, now, report } = room;
  const known = new Map<string, Foreseen & Tick>();
  // Where a look that had no time left goes on.
  let last: Tick | undefined;
  let lookedAt = -Infinity;

  async function look(nextAt: number, before: number): Promise<void> {
    if (nextAt - now() > aheadMs) return;
    if (!last || last.at < nextAt) begin(nextAt);
    while (last && known.size < mostKept && now() < before - restMs) {
      const ticks: ComingTick[] = await store.read.comingTicks(last, now() + aheadMs, page);
      await Promise.all(ticks.map(read));
      if (now() < before - writeRestMs) await prepare(ticks.filter(({ isNew }) => isNew));
      last = ticks.at(-1);
      await turn();
    }
  }

  /** What is new or changed since the last look is worth another one, but not at every wake-up. */
  function begin(nextAt: number): void {
    const at = performance.now();
    last = undefined;
    if (at - lookedAt < pauseMs) return;
    lookedAt = at;
    last = { jobId: '', at: nextAt };
    // Somebody else had fired these by then.
    for (const [jobId, tick] of known) if (tick.at < nextAt) known.delete(jobId);
  }

  /** The first run of a job has to make more than others. */
  async function prepare(ticks: readonly Tick[]): Promise<void> {
    const drafts = ticks.map(({ jobId }) => known.get(jobId)?.draft).filter((draft) => draft !== undefined);
    if (drafts.length > 0) await store.write((tx) => tx.prepareFor(drafts.map(({ run }) => run)));
  }

  async function read(tick: Tick): Promise<void> {
    if (known.get(tick.jobId)?.at === tick.at) return;
    const job = await store.read.job(tick.jobId);
    if (!job || JSON.stringify(job.definition).length > longestKept) return;
    const next = tickAfter(job.definition, tick.at, tick.at);
    known.set(job.id, { ...tick, job, next, draft: await draftOf(room, job, tick.at) });
  }

  return {
    look: (nextAt, before) =>
      look(nextAt, before).catch((error: unknown) =>
        report.warn({ error }, 'the next ticks could not be read ahead: each reads its job by itself'),
      ),
    take(tick) {
      const found = known.get(tick.jobId);
      known.delete(tick.jobId);
      return found?.at === tick.at && found.job.version === tick.version ? found : undefined;
    },
  };
}
