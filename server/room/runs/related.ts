import type { FoundRuns } from '../../store/contract/runs.ts';
import { concernOf, isMet } from '../../words/dependencies.ts';
import type { Dependency, Job } from '../../words/job.ts';
import type { Run } from '../../words/run.ts';
import type { Room } from '../room.ts';

/** The runs that were made from this one by a retry or a replay, or for one of its platforms; newest first. */
export function children(
  { store }: Room,
  { id }: Pick<Run, 'id'>,
  page: { beforeKey?: number; createdBefore?: number; limit: number },
): Promise<FoundRuns> {
  return store.read.searchRuns({ parentRunId: id }, page);
}

/** What a run's job depends on, and how that stands for this run. */
export interface DependencyStatus {
  dependency: Dependency;
  /** The job that is depended on. */
  job: Job;
  isMet: boolean;
  /** Its newest ended run that says anything to this one. */
  newest: Run | undefined;
}

export async function dependencyStatus({ store }: Room, run: Run): Promise<DependencyStatus[]> {
  const { read } = store;
  const all = (await read.dependencies(run.jobId)).map(async (dependency) => {
    const job = await read.job(dependency.dependsOnJobId);
    const newest = await read.newestEndedRun(dependency.dependsOnJobId, concernOf(run));
    return (
      job && {
        dependency,
        job,
        isMet: newest !== undefined && isMet(dependency.condition, newest.state),
        newest,
      }
    );
  });
  return (await Promise.all(all)).filter((status) => status !== undefined);
}
