import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import type { ExecutedJob } from '../../../store/contract/executions.ts';
import { ownRuns } from '../jobs/filter.ts';
import { sendPage } from '../paging/sendPage.ts';
import { jobTypeBrief } from '../present/jobType.ts';
import { timeOf } from '../present/times.ts';

/** There are no more places for attempts than that. */
const mostRunning = 10_000;

interface Running {
  job: ExecutedJob;
  count: number;
  longest: number | null;
}

/** `GET /job-types/running/`: what runs now, by type, the type with the longest first. */
export async function sendRunning(room: Room, request: Request, response: Response): Promise<void> {
  const running = await runningByType(room, ownRuns(identityOf(response)));
  await sendPage(request, response, {
    count: running.length,
    results: async (offset, limit) => running.slice(offset, offset + limit).map(runningJson),
  });
}

async function runningByType({ store }: Room, own: { project?: string }): Promise<Running[]> {
  const order = [{ field: 'startedAt', descending: false }] as const;
  const page = { offset: 0, limit: mostRunning };
  const byKey = new Map<number, Running>();
  for (const { job, attempt } of await store.read.executions({ ...own, states: ['running'] }, order, page)) {
    const known = byKey.get(job.key);
    if (known) known.count++;
    else byKey.set(job.key, { job, count: 1, longest: attempt.startedAt });
  }
  return [...byKey.values()];
}

function runningJson({ job, count, longest }: Running): object {
  return { job_type: jobTypeBrief(job), count, longest_running: timeOf(longest) };
}
