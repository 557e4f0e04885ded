import type { QueueDepth } from '../contract/executions.ts';
import { waiting } from '../course.ts';
import type { Sql } from '../sql.ts';
import { executedJobs } from '../statements/executedJobs.ts';
import { type Group, groupsOf } from '../statements/listGroups.ts';
import { oldestWaiting } from '../statements/attemptCourses.ts';

/** How many attempts wait, by job. */
export async function queueDepths(sql: Sql, project: string | undefined): Promise<QueueDepth[]> {
  const all = await groupsOf(sql, 'attempts');
  const waits = all.filter(
    ({ course, origin }) => course === waiting && (project === undefined || origin.project === project),
  );
  const byJob = [...Map.groupBy(waits, ({ origin }) => origin.jobKey).values()];
  const jobs = await executedJobs(
    sql,
    byJob.map((groups) => newest(groups)),
  );
  return Promise.all(
    byJob.map(async (groups) => ({
      job: jobs(newest(groups)),
      waiting: groups.reduce((sum, { rows }) => sum + rows, 0),
      oldestAt: Math.min(
        ...(await Promise.all(groups.map(({ origin }) => oldestWaiting(sql, origin.key, waiting)))),
      ),
      highestPriority: Math.max(...groups.map(({ origin }) => origin.priority)),
    })),
  );
}

/** The job in the newest version that something waits for. */
function newest(groups: readonly Group[]): { jobId: string; jobVersion: number } {
  const versions = groups.map(({ origin }) => origin).toSorted((a, b) => b.version - a.version);
  const [origin] = versions;
  if (!origin) throw new Error('a group of attempts has nothing in it');
  return { jobId: origin.jobId, jobVersion: origin.version };
}
