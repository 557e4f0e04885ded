import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart, queryOf } from '../../../http/route.ts';
import { type ChangeWish, changeJob } from '../../../room/jobs/change.ts';
import { cloneJob } from '../../../room/jobs/clone.ts';
import { createJob } from '../../../room/jobs/create.ts';
import { setPaused } from '../../../room/jobs/flags.ts';
import { removeJob } from '../../../room/jobs/remove.ts';
import type { Room } from '../../../room/room.ts';
import type { Job } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import { authorOf, type Identity } from '../../../words/scopes.ts';
import { bodyObject, bodyValue, checked, mistaken, objectOf } from '../body.ts';
import { findJob } from '../findJob.ts';
import { expectedVersions, sendVersioned } from '../precondition.ts';
import { type HealthWindow, healthJson, healthWindows } from '../present/health.ts';
import { jobJson, versionJson } from '../present/job.ts';
import { isPlain } from '../project.ts';
import { changeJobBody, cloneJobBody } from '../schemas/jobRequests.ts';
import { refuseForeignAccount } from './account.ts';
import { newJobOf } from './newJob.ts';
import { wishOf } from './wish.ts';

export async function createOneJob(room: Room, request: Request, response: Response): Promise<void> {
  const job = await createJob(room, newJobOf(bodyObject(request), identityOf(response)));
  sendNew(room, response, job);
}

export async function sendOneJob(room: Room, request: Request, response: Response): Promise<void> {
  sendJob(room, response, await findJob(room, request, response));
}

export async function changeOneJob(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const wish = changeOf(bodyObject(request), job, identityOf(response));
  sendJob(room, response, await changeJob(room, job.id, wish, expectedVersions(request)));
}

function changeOf(fields: Record<string, unknown>, job: Job, identity: Identity): ChangeWish {
  const { slug, enabled, ...body } = checked(changeJobBody, fields, mistakesOf(fields, job));
  if (job.kind !== 'http' && body.endpoint_url === '') delete body.endpoint_url;
  const definition = wishOf(body, { project: job.project, slug: slug ?? job.slug });
  refuseForeignAccount(identity, definition, job.definition);
  return {
    ...(slug !== undefined && { slug }),
    ...(enabled !== undefined && { enabled }),
    definition,
    updatedBy: authorOf(identity),
  };
}

function mistakesOf(fields: Record<string, unknown>, { kind }: Job): string[] {
  return kind === 'http' && fields['endpoint_url'] === '' ? ['endpoint_url is required'] : [];
}

export async function deleteOneJob(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  await removeJob(room, job.id, expectedVersions(request));
  response.status(204).end();
}

/** `POST /v1/jobs/:job/clone`: names that are empty are refused, those that are absent are made. */
export async function cloneOneJob(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const { name, slug } = checked(cloneJobBody, objectOf(bodyValue(request) ?? {}));
  if (name === '' || slug === '') throw mistaken(['name and slug are required']);
  const wish = { ...(name !== undefined && { name }), ...(slug !== undefined && { slug }) };
  sendNew(
    room,
    response,
    await cloneJob(room, job.id, { ...wish, createdBy: authorOf(identityOf(response)) }),
  );
}

export async function pauseOneJob(
  room: Room,
  request: Request,
  response: Response,
  paused: boolean,
): Promise<void> {
  const job = await findJob(room, request, response);
  sendJob(room, response, await setPaused(room, job.id, paused));
}

/** `GET /v1/jobs/:job/versions/:version`: also the current one. */
export async function sendVersion(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const id = pathPart(request, 'version');
  const version = isPlain(id) ? await room.store.read.jobVersion(job.id, id) : undefined;
  if (!version) throw new Problem('not_found', 'version not found');
  response.json(versionJson(version, job.kind, room.policy()));
}

export async function sendHealth(room: Room, request: Request, response: Response): Promise<void> {
  const window = windowOf(queryOf(request).get('window') ?? '7d');
  const job = await findJob(room, request, response);
  const now = room.now();
  const since = now - healthWindows[window];
  response.json(healthJson(job.id, window, since, await room.store.read.jobStats(job.id, since, now)));
}

function windowOf(text: string): HealthWindow {
  if (!Object.hasOwn(healthWindows, text))
    throw new Problem('bad_request', 'invalid window: must be 1h, 1d, 7d, or 30d', { field: 'window' });
  return text as HealthWindow;
}

function sendNew(room: Room, response: Response, job: Job): void {
  response.status(201).location(`/v1/jobs/${job.id}`);
  sendJob(room, response, job);
}

function sendJob(room: Room, response: Response, job: Job): void {
  sendVersioned(response, job.versionId, jobJson(job, room.policy()));
}
