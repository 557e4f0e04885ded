import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { ownRuns } from '../jobs/filter.ts';
import { sendPage } from '../paging/sendPage.ts';
import { jobTypeBrief } from '../present/jobType.ts';
import { sinceOf } from '../query/since.ts';
import { statusCounts } from './counts.ts';
import { executedOf, jobRows, keyedJobs } from './find.ts';

/** `GET /job-types/status/`: how the jobs of each type went since `started`, three hours ago where nothing is said. */
export async function sendJobTypesStatus(room: Room, request: Request, response: Response): Promise<void> {
  const { modifiedFrom: since = 0 } = sinceOf(queryOf(request), room.now());
  const { project } = ownRuns(identityOf(response));
  const rows = await jobRows(room, project);
  const standing = await room.store.read.executionCounts(project);
  await sendPage(request, response, {
    count: rows.length,
    async results(offset, limit) {
      const jobs = await keyedJobs(room, rows.slice(offset, offset + limit));
      return Promise.all(
        jobs.map(async (keyed) => ({
          job_type: jobTypeBrief(executedOf(keyed)),
          job_counts: await statusCounts(room, keyed.job, since, standing),
        })),
      );
    },
  });
}
