import type { Dependency, DependencyCondition } from './job.ts';
import { isTerminal, type Run, type RunState } from './run.ts';

/** Which runs of the other job a run looks at; undefined is all of them. */
export type Concern = { idempotencyKey: string } | { dependencyKey: string } | undefined;

/** The metadata entry that links runs of different jobs to each other. */
export const dependencyKeyName = 'dependency_key';

type Linked = Pick<Run, 'idempotencyKey' | 'metadata'>;

/** A run looks at those with its own idempotency key; without one, at those with its own dependency key. */
export function concernOf({ idempotencyKey, metadata }: Linked): Concern {
  if (idempotencyKey !== null) return { idempotencyKey };
  const dependencyKey = metadata[dependencyKeyName];
  return dependencyKey === undefined ? undefined : { dependencyKey };
}

const failures: ReadonlySet<RunState> = new Set([
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'expired',
  'dead_letter',
]);

/** Whether a run that ended so is what the condition asks for. A canceled one is neither completed nor failed. */
export function isMet(condition: DependencyCondition, state: RunState): boolean {
  switch (condition) {
    case 'completed':
      return state === 'completed';
    case 'failed':
      return failures.has(state);
    case 'any':
      return isTerminal(state);
  }
}

/** met: it may go on. unmeetable: what it waited for has ended otherwise. open: it waits. */
export type Verdict = 'met' | 'unmeetable' | 'open';

/**
 * What the newest ended run that concerns a waiting one means for it. One that had ended badly before the waiting run
 * was made is no answer to it: it waits for the next.
 */
export function verdictOf(
  { condition }: Pick<Dependency, 'condition'>,
  newestEnded: Pick<Run, 'state' | 'completedAt'> | undefined,
  waitingSince: number,
): Verdict {
  if (!newestEnded) return 'open';
  if (isMet(condition, newestEnded.state)) return 'met';
  return (newestEnded.completedAt ?? 0) > waitingSince ? 'unmeetable' : 'open';
}

/** Why a waiting run is canceled, as a sentence that names the run whose end decided it. */
export function unmetSentence({ condition }: Pick<Dependency, 'condition'>, parent: Run): string {
  return `run ${parent.id} of ${parent.slug} ended as ${parent.state}, and this run waits for one that ends as ${condition}`;
}
