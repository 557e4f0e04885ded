import type { Reads, Tx } from '../../store/store.ts';
import type { Dependency, DependencyCondition, Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import { settleRun } from '../settling/dependents.ts';

/** Waiting runs that one transaction looks at. */
const mostAtOnce = 100;

/**
 * Makes runs of `jobId` wait for those of another job of its project.
 *
 * @throws Problem `not_found`; `validation_error` where the two do not fit; `conflict` where the pair is there
 */
export async function addDependency(
  room: Room,
  jobId: string,
  dependsOnJobId: string,
  condition: DependencyCondition,
): Promise<Dependency> {
  if (jobId === dependsOnJobId) throw refused('job cannot depend on itself');
  return room.store.write(async (tx) => {
    const [job, other] = [await tx.job(jobId), await tx.job(dependsOnJobId)];
    if (!job) throw new Problem('not_found', 'job not found');
    if (!other) throw refused('depends_on_job_id does not exist');
    if (job.project !== other.project) throw refused('dependency jobs must belong to the same project');
    await refuseCycle(tx, job, other);
    const createdAt = room.now();
    const made = await tx.insertDependency({
      id: uuid7(createdAt),
      jobId,
      dependsOnJobId,
      condition,
      createdAt,
    });
    if (!made) throw new Problem('conflict', 'the job depends on that job already');
    return made;
  });
}

/** What waited for it waits no longer. Throws a Problem: not_found. */
export async function removeDependency(room: Room, jobId: string, id: string): Promise<void> {
  if (!(await room.store.write((tx) => tx.deleteDependency(jobId, id))))
    throw new Problem('not_found', 'dependency not found');
  await settleWaiting(room, [jobId]);
}

/** Looks again at the waiting runs of jobs that lost a dependency, some in each transaction. */
export async function settleWaiting(room: Room, jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) {
    for (let afterKey: number | undefined = 0; afterKey !== undefined;) {
      const after: number = afterKey;
      afterKey = await settle(room, async (changes) => {
        const { tx } = changes;
        const dependencies = await tx.dependencies(jobId);
        const page = await tx.waitingRuns(jobId, { afterKey: after, limit: mostAtOnce });
        for (const run of page) await settleRun(changes, run, dependencies);
        return page.length === mostAtOnce ? page.at(-1)?.key : undefined;
      });
    }
  }
}

/** Everything that `other` depends on, directly or not, must not depend on `job`. */
async function refuseCycle(tx: Pick<Tx & Reads, 'dependencies'>, job: Job, other: Job): Promise<void> {
  const seen = new Set<string>([other.id]);
  for (const id of seen) {
    if (id === job.id)
      throw refused('the dependency would make a cycle: the other job depends on this one already');
    for (const { dependsOnJobId } of await tx.dependencies(id)) seen.add(dependsOnJobId);
  }
}

function refused(sentence: string): Problem {
  return new Problem('validation_error', sentence, { field: 'depends_on_job_id' });
}
