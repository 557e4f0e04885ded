import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { JobRow } from '../../../store/contract/jobs.ts';
import type { ExecutedJob } from '../../../store/contract/executions.ts';
import type { Job } from '../../../words/job.ts';
import { sees } from '../../../words/scopes.ts';
import { mostNumber, numberOf } from '../answer.ts';
import { notFound } from '../problems.ts';

/** A job with the integer of its current version's row. */
export interface KeyedJob {
  job: Job;
  versionKey: number;
}

const pieceSize = 1000;

/** The job that the path names by its number as `:jobType`; 404 where there is none for the one who asks. */
export async function findJobType(room: Room, request: Request, response: Response): Promise<KeyedJob> {
  const found = await jobTypeOf(room, numberOf(pathPart(request, 'jobType')));
  if (!found || !sees(identityOf(response), found.job.project)) throw notFound();
  return found;
}

export async function jobTypeOf({ store }: Pick<Room, 'store'>, key: number): Promise<KeyedJob | undefined> {
  return key >= 1 && key <= mostNumber ? store.read.jobByKey(key) : undefined;
}

/** Every job of a project, or of all: a row each, without its definition. */
export async function jobRows({ store }: Room, project: string | undefined): Promise<JobRow[]> {
  const rows: JobRow[] = [];
  for (let last: JobRow | undefined; ;) {
    const piece = await store.read.jobRows(project, { afterKey: last?.key ?? 0, limit: pieceSize });
    rows.push(...piece);
    last = piece.at(-1);
    if (!last || piece.length < pieceSize) return rows;
  }
}

/** The jobs of these rows, but for those that were removed meanwhile. */
export async function keyedJobs(room: Room, rows: readonly JobRow[]): Promise<KeyedJob[]> {
  const found = await Promise.all(rows.map(({ key }) => jobTypeOf(room, key)));
  return found.filter((one) => one !== undefined);
}

/** A job in its current version, in the form that lists nest it in. */
export function executedOf({ job, versionKey }: KeyedJob): ExecutedJob {
  const { key, id, project, slug, kind, enabled, paused, version, definition, createdBy } = job;
  const { name, description } = definition;
  return { key, id, project, slug, kind, enabled, paused, version, versionKey, name, description, createdBy };
}
