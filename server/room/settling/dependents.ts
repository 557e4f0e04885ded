import { concernOf, isMet, unmetSentence, type Verdict, verdictOf } from '../../words/dependencies.ts';
import type { Dependency } from '../../words/job.ts';
import type { Run } from '../../words/run.ts';
import { earliestStart } from '../../words/timing.ts';
import { delayed, unblocked } from '../../words/transitions/waiting.ts';
import type { Changes, Collected } from './changes.ts';
import { stopRun } from './stop.ts';

/** A run has ended, and runs of the job that depends on it have to hear of it: those after `afterKey` still do. */
export interface Echo {
  dependency: Dependency;
  parent: Run;
  afterKey: number;
}

/** Waiting runs that one transaction looks at. */
const mostAtOnce = 100;

/** Tells waiting runs of what has ended, and those that wait for these in turn. What it has no time for stays in `echoes`. */
export async function settleDependents(changes: Collected): Promise<void> {
  const { echoes, tx } = changes;
  let left = mostAtOnce;
  for (let echo = echoes[0]; echo && left > 0; echo = echoes[0]) {
    const { dependency, parent, afterKey } = echo;
    const page = await tx.waitingRunsFor(dependency.jobId, parent, { afterKey, limit: left });
    for (const run of page) await hear(changes, run, echo);
    const last = page.at(-1);
    if (last && page.length === left) echo.afterKey = last.key;
    else echoes.shift();
    left -= page.length + 1;
  }
}

async function hear(changes: Changes, run: Run, { dependency, parent }: Echo): Promise<void> {
  if (!isMet(dependency.condition, parent.state)) return cancelUnmet(changes, run, dependency, parent);
  const others = await changes.tx.dependencies(run.jobId);
  await settleRun(
    changes,
    run,
    others.filter(({ id }) => id !== dependency.id),
  );
}

/** Releases a waiting run all of whose `dependencies` are met, and cancels it where one of them cannot be any more. */
export async function settleRun(
  changes: Changes,
  run: Run,
  dependencies: readonly Dependency[],
): Promise<void> {
  let verdict: Verdict = 'met';
  for (const dependency of dependencies) {
    const newest = await changes.tx.newestEndedRun(dependency.dependsOnJobId, concernOf(run));
    const one = verdictOf(dependency, newest, run.createdAt);
    if (one === 'unmeetable' && newest) return cancelUnmet(changes, run, dependency, newest);
    if (one === 'open') verdict = 'open';
  }
  if (verdict === 'met') await release(changes, run);
}

async function release(changes: Changes, run: Run): Promise<void> {
  const { now } = changes;
  const { definition } = await changes.jobOf(run);
  const wanted = Math.max(now, run.scheduledAt ?? now);
  const startAt = earliestStart(definition, wanted) ?? wanted;
  await changes.apply(run, undefined, startAt > now ? delayed(run, startAt, now) : unblocked(run, now));
}

async function cancelUnmet(changes: Changes, run: Run, dependency: Dependency, parent: Run): Promise<void> {
  await stopRun(changes, run, { reason: 'dependency_unmet', error: unmetSentence(dependency, parent) });
}
