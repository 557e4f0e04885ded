import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import type { QueueDepth } from '../../../store/contract/executions.ts';
import { ownRuns } from '../jobs/filter.ts';
import { priorityOf } from '../present/job.ts';
import { timeOf } from '../present/times.ts';

/** `GET /queue/status/`: what waits, by job type, the most urgent first. */
export async function sendQueueStatus(room: Room, _request: Request, response: Response): Promise<void> {
  const { project } = ownRuns(identityOf(response));
  const depths = await room.store.read.queueDepths(project);
  const inOrder = depths.toSorted(
    (a, b) => b.highestPriority - a.highestPriority || a.oldestAt - b.oldestAt || a.job.key - b.job.key,
  );
  response.json({ queue_status: inOrder.map(depthJson) });
}

function depthJson({ job, waiting, oldestAt, highestPriority }: QueueDepth): object {
  return {
    job_type_name: job.slug,
    job_type_version: String(job.version),
    is_job_type_paused: job.paused,
    count: waiting,
    longest_queued: timeOf(oldestAt),
    highest_priority: priorityOf({ priority: highestPriority }),
  };
}
