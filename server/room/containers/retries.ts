import type { Reads } from '../../store/store.ts';
import type { Run } from '../../words/run.ts';

/** How a run stands among those that clients had tried again. */
export interface Retries {
  /** Id of the run that all of them are retries of: its own where it is none. */
  originalId: string;
  /** Tries before this one: by themselves, and because a client asked. */
  count: number;
}

type RunFamily = Pick<Reads, 'run' | 'searchRuns'>;

const page = 100;

/** What a running attempt is among all tries of the same work. Retries that were asked for later do not count. */
export async function retriesOf(read: RunFamily, run: Run): Promise<Retries> {
  const own = repeats(run);
  if (!isRetry(run)) return { originalId: run.id, count: own };
  const original = await originalOf(read, run);
  const earlier = (await retriesBelow(read, original.id, run.key)).filter(({ key }) => key < run.key);
  const before = earlier.reduce((sum, one) => sum + 1 + repeats(one), 0);
  return { originalId: original.id, count: repeats(original) + before + 1 + own };
}

/** The run that a client's retry is one of, however many lie between them; what is left of it where it was removed. */
async function originalOf(
  read: RunFamily,
  run: Run,
): Promise<Pick<Run, 'id'> & Partial<Pick<Run, 'countedAttempts'>>> {
  let known = run;
  while (isRetry(known) && known.parentRunId !== null) {
    const parent = await read.run(known.parentRunId);
    if (!parent) return { id: known.parentRunId };
    known = parent;
  }
  return known;
}

/** Retries of a run, and retries of these, up to a key: whoever asks again may name any of them. */
async function retriesBelow(read: RunFamily, parentRunId: string, upToKey: number): Promise<Run[]> {
  const all: Run[] = [];
  for (let beforeKey: number | undefined = upToKey; beforeKey !== undefined;) {
    const { runs, stoppedAt }: Awaited<ReturnType<RunFamily['searchRuns']>> = await read.searchRuns(
      { parentRunId, triggers: ['retry'] },
      { beforeKey, limit: page },
    );
    all.push(...runs);
    beforeKey = stoppedAt ?? (runs.length === page ? runs.at(-1)?.key : undefined);
  }
  const further = await Promise.all(all.map(({ id }) => retriesBelow(read, id, upToKey)));
  return [...all, ...further.flat()];
}

function isRetry({ trigger, parentRunId }: Run): boolean {
  return trigger === 'retry' && parentRunId !== null;
}

/** How often a run was tried again by itself. */
function repeats({ countedAttempts = 1 }: Partial<Pick<Run, 'countedAttempts'>>): number {
  return Math.max(0, countedAttempts - 1);
}
