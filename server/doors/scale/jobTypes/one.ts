import type { Request, Response } from 'express';
import { setPaused } from '../../../room/jobs/flags.ts';
import type { Room } from '../../../room/room.ts';
import { bodyObject, optionalFlag } from '../body.ts';
import { interfaceOf } from '../present/jobTypeDetail.ts';
import { badRequest } from '../problems.ts';
import { statusCounts } from './counts.ts';
import { findJobType, type KeyedJob } from './find.ts';
import { jobTypeJson } from './list.ts';

const hourMs = 3_600_000;

/** `GET /job-types/{id}/` */
export async function sendJobType(room: Room, request: Request, response: Response): Promise<void> {
  response.json(await jobTypeDetails(room, await findJobType(room, request, response)));
}

/** `PATCH /job-types/{id}/`: pauses a job or resumes it. All else of it is changed by `PATCH /v1/jobs/{job}`. */
export async function changeJobType(room: Room, request: Request, response: Response): Promise<void> {
  const { job, versionKey } = await findJobType(room, request, response);
  const body = bodyObject(request);
  const others = Object.keys(body).filter((name) => name !== 'is_paused');
  if (others.length > 0) throw badRequest(`Fields do not allow updates: ${others.join(', ').slice(0, 500)}`);
  const isPaused = optionalFlag(body, 'is_paused');
  if (isPaused === undefined) throw badRequest('Missing required parameter: "is_paused"');
  response.json(await jobTypeDetails(room, { job: await setPaused(room, job.id, isPaused), versionKey }));
}

async function jobTypeDetails(room: Room, keyed: KeyedJob): Promise<object> {
  const { job } = keyed;
  const standing = await room.store.read.executionCounts(job.project);
  const counts = (hours: number) => statusCounts(room, job, room.now() - hours * hourMs, standing);
  return {
    ...jobTypeJson(room, keyed),
    interface: interfaceOf(job),
    error_mapping: { version: '1.0', exit_codes: {} },
    errors: [],
    trigger_rule: null,
    job_counts_6h: await counts(6),
    job_counts_12h: await counts(12),
    job_counts_24h: await counts(24),
  };
}
