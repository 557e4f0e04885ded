import type { SupersedePolicy } from './job.ts';
import type { Run } from './run.ts';

/** A run that gives way, and the one that takes its place. */
export interface Supersession {
  run: Run;
  by: Run;
}

/**
 * Which runs give way when `run` takes its place in the line of its key. `others` are the other runs of that key in the
 * line, queued or running, oldest first; runs that are delayed or wait for a dependency stand in no line yet.
 *
 * queue and round_robin let all of them stay. cancel_queued takes those that have not started, cancel_in_progress all of
 * them, and keep_newest_queued all that do not run: of those that wait only the newest stays, so a run that wants to be
 * tried again gives way itself where a newer one waits.
 */
export function supersessions(policy: SupersedePolicy, run: Run, others: readonly Run[]): Supersession[] {
  const isNew = run.startedAt === null;
  switch (policy) {
    case 'queue':
    case 'round_robin':
      return [];
    case 'cancel_queued':
      return isNew ? others.filter(hasNotStarted).map((one) => ({ run: one, by: run })) : [];
    case 'cancel_in_progress':
      return isNew ? others.map((one) => ({ run: one, by: run })) : [];
    case 'keep_newest_queued':
      return keepNewest(
        run,
        others.filter(({ state }) => state === 'queued'),
        isNew,
      );
  }
}

/** What is queued beside a run that was tried before came into the line while that one ran. */
function keepNewest(run: Run, queued: readonly Run[], isNew: boolean): Supersession[] {
  if (isNew) return queued.map((one) => ({ run: one, by: run }));
  const by = queued.at(-1);
  return by ? [{ run, by }] : [];
}

function hasNotStarted({ state, startedAt }: Run): boolean {
  return state === 'queued' && startedAt === null;
}

/** Why a run was canceled, as a sentence that names the newer one. */
export function supersededSentence({ id }: Pick<Run, 'id'>): string {
  return `run ${id} took its place`;
}
