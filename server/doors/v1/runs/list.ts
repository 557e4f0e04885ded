import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { cursorOf, type Paging, pagingOf, sendPage } from '../../../http/paging.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { children } from '../../../room/runs/related.ts';
import type { FoundRuns, RunSearch } from '../../../store/contract/runs.ts';
import type { Reads } from '../../../store/store.ts';
import { Problem } from '../../../words/problems.ts';
import type { Identity } from '../../../words/scopes.ts';
import { jobNamed } from '../findJob.ts';
import { namedProject } from '../project.ts';
import { findRun } from './findRun.ts';
import { runsJson } from './present.ts';
import { searchOf } from './search.ts';

/** `GET /v1/runs`: newest first. */
export async function sendRuns(room: Room, request: Request, response: Response): Promise<void> {
  await sendFound(room, request, response, searchOf(queryOf(request)));
}

/** `GET /v1/runs/dlq`: those that failed and are not tried again. */
export async function sendDeadLetters(room: Room, request: Request, response: Response): Promise<void> {
  await sendFound(room, request, response, { ...searchOf(queryOf(request)), states: ['dead_letter'] });
}

/** `GET /v1/runs/{run}/children`: its replays, and the runs that build for one platform what it is made of. */
export async function sendChildren(room: Room, request: Request, response: Response): Promise<void> {
  const run = await findRun(room, request, response);
  const paging = pagingOf(queryOf(request));
  await sendPart(room, request, response, paging, (page) => children(room, run, page));
}

async function sendFound(room: Room, request: Request, response: Response, search: RunSearch): Promise<void> {
  const query = queryOf(request);
  const paging = pagingOf(query);
  const owner = await ownerOf(room, identityOf(response), query);
  await sendPart(room, request, response, paging, (page) =>
    owner ? room.store.read.searchRuns({ ...search, ...owner }, page) : Promise.resolve({ runs: [] }),
  );
}

/** Whose runs are meant: a job's or a project's; undefined where the job that is asked for is not there. */
export async function ownerOf(
  room: Room,
  identity: Identity,
  query: URLSearchParams,
): Promise<Pick<RunSearch, 'jobId' | 'project'> | undefined> {
  const project = namedProject(identity, query);
  const name = query.get('job_id') ?? '';
  if (name === '') return project === undefined ? {} : { project };
  try {
    const job = await jobNamed(room, name, identity, query);
    // That the job is of the project is known by now: the search goes by the job alone.
    return project === undefined || job.project === project ? { jobId: job.id } : undefined;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  }
}

type Page = Parameters<Reads['searchRuns']>[1];

async function sendPart(
  room: Room,
  request: Request,
  response: Response,
  paging: Paging,
  find: (page: Page) => Promise<FoundRuns>,
): Promise<void> {
  const { limit, createdBefore, beforeNumber } = paging;
  const { runs, stoppedAt } = await find({
    limit: limit + 1,
    ...(createdBefore !== undefined && { createdBefore }),
    ...(beforeNumber !== undefined && { beforeKey: beforeNumber }),
  });
  const shown = await runsJson(room, runs.slice(0, limit));
  const found = runs.map((run, index) => ({ run, json: shown[index] ?? {} }));
  await sendPage(request, response, paging, found, {
    present: ({ json }) => json,
    place: ({ run }) => cursorOf(run.createdAt, run.key),
    goOn: stoppedAt === undefined ? undefined : cursorOf(runs.at(-1)?.createdAt ?? room.now(), stoppedAt),
  });
}
