import { type Request, type Response, Router } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { cursorOf, pagingOf, sendPage } from '../../../http/paging.ts';
import { pathPart, queryOf, route } from '../../../http/route.ts';
import { createKey, findKey, listKeys, type MadeKey, revokeKey, rotateKey } from '../../../room/keys/keys.ts';
import type { Room } from '../../../room/room.ts';
import { Problem } from '../../../words/problems.ts';
import { isUuid } from '../../../words/uuid7.ts';
import { bodyObject, bodyValue, checked, objectOf } from '../body.ts';
import { namedProject } from '../project.ts';
import { createKeyBody, rotateKeyBody } from '../schemas/keys.ts';
import { apiKeyJson } from './present.ts';
import { keyWishOf } from './wish.ts';

const daySecs = 24 * 3600;

/** Credentials of programs: made, listed, revoked, and replaced with a time of grace. */
export function apiKeyRoutes(room: Room): Router {
  const router = Router();
  const scope = 'api-keys:manage';
  route(router, '/v1/api-keys', {
    get: [scope, (request, response) => sendKeys(room, request, response)],
    post: [scope, (request, response) => makeKey(room, request, response)],
  });
  route(router, '/v1/api-keys/:id', {
    get: [scope, (request, response) => sendKey(room, request, response)],
    delete: [scope, (request, response) => endKey(room, request, response)],
  });
  route(router, '/v1/api-keys/:id/rotate', {
    post: [scope, (request, response) => replaceKey(room, request, response)],
  });
  return router;
}

async function sendKeys(room: Room, request: Request, response: Response): Promise<void> {
  const identity = identityOf(response);
  const query = queryOf(request);
  const paging = pagingOf(query);
  const project = namedProject(identity, query);
  const found = await listKeys(room, identity, {
    limit: paging.limit + 1,
    ...(project !== undefined && { project }),
    ...(paging.beforeNumber !== undefined && { beforeKey: paging.beforeNumber }),
    ...(paging.createdBefore !== undefined && { createdBefore: paging.createdBefore }),
  });
  await sendPage(request, response, paging, found, {
    present: apiKeyJson,
    place: ({ createdAt, key }) => cursorOf(createdAt, key),
  });
}

async function makeKey(room: Room, request: Request, response: Response): Promise<void> {
  const identity = identityOf(response);
  const wish = keyWishOf(checked(createKeyBody, bodyObject(request)), identity, room.now());
  sendMade(response, await createKey(room, identity, wish));
}

async function sendKey(room: Room, request: Request, response: Response): Promise<void> {
  response.json(apiKeyJson(await findKey(room.store.read, identityOf(response), idOf(request))));
}

async function endKey(room: Room, request: Request, response: Response): Promise<void> {
  await revokeKey(room, identityOf(response), idOf(request));
  response.status(204).end();
}

async function replaceKey(room: Room, request: Request, response: Response): Promise<void> {
  const { grace_period_secs, grace_period_minutes } = checked(
    rotateKeyBody,
    objectOf(bodyValue(request) ?? {}),
  );
  const minutes = grace_period_minutes === undefined ? undefined : grace_period_minutes * 60;
  const graceSecs = grace_period_secs ?? minutes ?? daySecs;
  sendMade(response, await rotateKey(room, identityOf(response), idOf(request), graceSecs));
}

function sendMade(response: Response, { key, text }: MadeKey): void {
  response.status(201).set('Cache-Control', 'no-store').location(`/v1/api-keys/${key.id}`);
  response.json({ ...apiKeyJson(key), key: text });
}

function idOf(request: Request): string {
  const id = pathPart(request, 'id').toLowerCase();
  if (!isUuid(id)) throw new Problem('not_found', 'api key not found');
  return id;
}
