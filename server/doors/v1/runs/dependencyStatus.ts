import type { Request, Response } from 'express';
import type { Room } from '../../../room/room.ts';
import { dependencyStatus } from '../../../room/runs/related.ts';
import { dependencyJson } from '../present/job.ts';
import { statusOf } from '../present/runWords.ts';
import { findRun } from './findRun.ts';

/** `GET /v1/runs/{run}/dependency-status`: what the run's job depends on, and whether that is met for this run. */
export async function sendDependencyStatus(room: Room, request: Request, response: Response): Promise<void> {
  const run = await findRun(room, request, response);
  const all = await dependencyStatus(room, run);
  response.json({
    run_id: run.id,
    job_id: run.jobId,
    status: statusOf(run.state),
    dependencies: all.map(({ dependency }) => dependencyJson(dependency)),
    dependencies_satisfied: all.every(({ isMet }) => isMet),
  });
}
