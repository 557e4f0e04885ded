import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import type { ExecutedJob, ListedRun } from '../../../store/contract/executions.ts';
import { ofEnds, ownRuns } from '../jobs/filter.ts';
import { sendPage } from '../paging/sendPage.ts';
import { errorBrief, errorDetail } from '../present/error.ts';
import { jobTypeBrief } from '../present/jobType.ts';
import { timeOf } from '../present/times.ts';

/** How many of the newest failures are looked at. */
const mostFailures = 1000;

interface Failures {
  job: ExecutedJob;
  reason: string | null;
  count: number;
  first: number;
  last: number;
}

/** `GET /job-types/system-failures/`: the newest jobs that failed through the system, by type and error. */
export async function sendSystemFailures(room: Room, request: Request, response: Response): Promise<void> {
  const filter = { ...ownRuns(identityOf(response)), ...ofEnds(undefined, ['SYSTEM']) };
  const order = [{ field: 'modifiedAt', descending: true }] as const;
  const failed = await room.store.read.listedRuns(filter, order, { offset: 0, limit: mostFailures });
  const failures = byTypeAndError(failed);
  await sendPage(request, response, {
    count: failures.length,
    results: async (offset, limit) => failures.slice(offset, offset + limit).map(failuresJson),
  });
}

/** `failed` comes newest first. */
function byTypeAndError(failed: readonly ListedRun[]): Failures[] {
  const found = new Map<string, Failures>();
  for (const { job, run, modifiedAt } of failed) {
    const name = `${job.key} ${errorBrief(run.reason).id}`;
    const known = found.get(name);
    if (!known) found.set(name, { job, reason: run.reason, count: 1, first: modifiedAt, last: modifiedAt });
    else found.set(name, { ...known, count: known.count + 1, first: modifiedAt });
  }
  return [...found.values()];
}

function failuresJson({ job, reason, count, first, last }: Failures): object {
  return {
    job_type: jobTypeBrief(job),
    error: errorDetail(reason),
    count,
    first_error: timeOf(first),
    last_error: timeOf(last),
  };
}
