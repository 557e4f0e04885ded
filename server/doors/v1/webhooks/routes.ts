import { type Request, type Response, Router } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { cursorOf, pagingOf, sendPage } from '../../../http/paging.ts';
import { pathPart, queryOf, route } from '../../../http/route.ts';
import { redeliver } from '../../../room/notify/redeliver.ts';
import type { Room } from '../../../room/room.ts';
import type { Notification } from '../../../store/contract/outbox.ts';
import { Problem } from '../../../words/problems.ts';
import { sees } from '../../../words/scopes.ts';
import { isUuid } from '../../../words/uuid7.ts';
import { namedProject } from '../project.ts';
import { webhookDelivery } from '../schemas/webhooks.ts';
import { deliveryDetailJson, deliveryJson } from './present.ts';

const states = webhookDelivery.shape.status.options;

/** What the webhooks of jobs were told, and telling them again. */
export function webhookRoutes(room: Room): Router {
  const router = Router();
  route(router, '/v1/webhook-deliveries', {
    get: ['runs:read', (request, response) => list(room, request, response)],
  });
  route(router, '/v1/webhook-deliveries/:delivery', {
    get: ['runs:read', (request, response) => show(room, request, response)],
  });
  route(router, '/v1/webhook-deliveries/:delivery/redeliver', {
    post: ['runs:write', (request, response) => sendAgain(room, request, response)],
  });
  return router;
}

async function list(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const { limit, createdBefore, beforeNumber, ...paging } = pagingOf(query);
  const project = namedProject(identityOf(response), query);
  const runId = runOf(query);
  const state = stateOf(query);
  const found = await room.store.read.notifications(
    {
      ...(project !== undefined && { project }),
      ...(runId !== undefined && { runId }),
      ...(state !== undefined && { state }),
    },
    {
      limit: limit + 1,
      ...(createdBefore !== undefined && { createdBefore }),
      ...(beforeNumber !== undefined && { beforeKey: beforeNumber }),
    },
  );
  await sendPage(request, response, { limit, ...paging }, found, {
    present: deliveryJson,
    place: ({ createdAt, key }) => cursorOf(createdAt, key),
  });
}

async function show(room: Room, request: Request, response: Response): Promise<void> {
  const one = await findDelivery(room, request, response);
  response.json(deliveryDetailJson(one, await room.store.read.notificationTries(one.id)));
}

async function sendAgain(room: Room, request: Request, response: Response): Promise<void> {
  const { id } = await findDelivery(room, request, response);
  const one = await redeliver(room, id);
  if (!one) throw unknown();
  response.status(202).json(deliveryJson(one));
}

async function findDelivery(room: Room, request: Request, response: Response): Promise<Notification> {
  const id = pathPart(request, 'delivery').toLowerCase();
  const one = isUuid(id) ? await room.store.read.notification(id) : undefined;
  if (!one || !sees(identityOf(response), one.project)) throw unknown();
  return one;
}

function unknown(): Problem {
  return new Problem('not_found', 'webhook delivery not found');
}

function runOf(query: URLSearchParams): string | undefined {
  const id = query.get('run_id') ?? '';
  if (id === '') return undefined;
  if (!isUuid(id)) throw new Problem('bad_request', 'run_id must be the id of a run', { field: 'run_id' });
  return id.toLowerCase();
}

function stateOf(query: URLSearchParams): Notification['state'] | undefined {
  const text = query.get('status') ?? '';
  const state = states.find((known) => known === text);
  if (state === undefined && text !== '')
    throw new Problem('bad_request', `status must be one of: ${states.join(', ')}`, { field: 'status' });
  return state;
}
