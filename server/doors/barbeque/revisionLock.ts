import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import { sees } from '../../words/scopes.ts';
import { sendBody, sendNothing } from './answer.ts';
import { smallBody } from './execution.ts';
import { fieldsOf, paramsOf, requiredString } from './params.ts';
import { invalidParameter, notFound } from './refusal.ts';

/** What Docker takes for a tag. */
const tag = /^\w[\w.-]{0,127}$/;

/** `POST /v1/apps/{app_name}/revision_lock` */
export async function lockRevision(room: Room, request: Request, response: Response): Promise<void> {
  const project = await projectOf(room, request, response);
  const params = paramsOf(request);
  const revision = requiredString(params, 'revision');
  if (!tag.test(revision)) throw invalidParameter('revision', 'tag of an image');
  const fields = fieldsOf(params);
  await setRevision(room, project, revision);
  sendBody(request, response, 201, smallBody({ revision }, fields));
}

/** `DELETE` of the same: every job has its own tag again. */
export async function unlockRevision(room: Room, request: Request, response: Response): Promise<void> {
  await setRevision(room, await projectOf(room, request, response), null);
  sendNothing(response);
}

async function setRevision(room: Room, project: string, revision: string | null): Promise<void> {
  await room.store.write((tx) => tx.lockRevision(project, revision));
  room.report.info({ project, revision }, 'the revision of a project is locked or set free');
}

/** Throws a Refusal where the path names none that is there for the one who asks. */
async function projectOf({ store }: Room, request: Request, response: Response): Promise<string> {
  const project = pathPart(request, 'app_name');
  const isName = project.isWellFormed() && !/\p{Cc}/u.test(project);
  const isThere =
    isName &&
    sees(identityOf(response), project) &&
    (await store.read.projectRevision(project)) !== undefined;
  if (!isThere) throw notFound("Couldn't find Barbeque::App");
  return project;
}
