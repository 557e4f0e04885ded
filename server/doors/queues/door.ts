import { type Request, type Response, Router } from 'express';
import { given } from '../../../builder/model/given.ts';
import { bodyOf } from '../../http/body.ts';
import { forAllProjects } from '../../http/allProjects.ts';
import { identityOf } from '../../http/identity.ts';
import { type Handler, pathPart, route } from '../../http/route.ts';
import {
  findQueue,
  listQueues,
  pauseQueue,
  putQueue,
  type QueueWish,
  removeQueue,
  type ShownQueue,
} from '../../room/queues/queues.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { authorOf } from '../../words/scopes.ts';
import { queueWish, type ShownQueueJson } from './schemas.ts';

const ofAll = (handler: Handler): Handler => forAllProjects('queues', handler);

/** `/queues`: the named lines that runs wait in. */
export function queuesDoor(room: Room): Router {
  const router = Router();
  const change =
    (work: (name: string, request: Request) => Promise<ShownQueue>): Handler =>
    async (request, response) =>
      sendChanged(room, await work(pathPart(request, 'name'), request), response);

  route(router, '/queues', {
    get: [
      'jobs:read',
      ofAll(async (_, response) => void response.json((await listQueues(room)).map(queueJson))),
    ],
  });
  route(router, '/queues/:name/pause', {
    post: ['jobs:write', ofAll(change((name) => pauseQueue(room, name, true)))],
  });
  route(router, '/queues/:name/resume', {
    post: ['jobs:write', ofAll(change((name) => pauseQueue(room, name, false)))],
  });
  route(router, '/queues/:name', {
    get: [
      'jobs:read',
      ofAll(async (request, response) => {
        response.json(queueJson(await findQueue(room, pathPart(request, 'name'))));
      }),
    ],
    put: ['jobs:write', ofAll(change((name, request) => putQueue(room, name, wishOf(request))))],
    delete: ['jobs:write', ofAll((request, response) => remove(room, request, response))],
  });
  return router;
}

function sendChanged({ report }: Room, queue: ShownQueue, response: Response): void {
  const { name, paused, maxRunning } = queue;
  const by = authorOf(identityOf(response)) ?? 'admin';
  report.info({ queue: name, paused, maxRunning, by }, 'queue is told');
  response.json(queueJson(queue));
}

async function remove(room: Room, request: Request, response: Response): Promise<void> {
  await removeQueue(room, pathPart(request, 'name'));
  response.status(204).end();
}

/** An absent body is as good as an empty object. Throws a Problem: bad_json, validation_error. */
function wishOf(request: Request): QueueWish {
  const text = bodyOf(request).toString('utf8');
  const read = queueWish.safeParse(text.trim() === '' ? {} : parsed(text));
  if (!read.success) {
    const issue = read.error.issues[0];
    const field = String(issue?.path[0] ?? 'body');
    throw new Problem('validation_error', issue?.message ?? 'the body is not valid', { field });
  }
  const { max_running: maxRunning, paused } = read.data;
  return given({ maxRunning, paused });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('bad_json', 'the body is not valid JSON', { cause: error });
  }
}

function queueJson({ maxRunning, ...queue }: ShownQueue): ShownQueueJson {
  const { name, source, paused, waiting, running } = queue;
  return { name, source, paused, max_running: maxRunning, waiting, running };
}
