import { type Request, type Response, Router } from 'express';
import { forAllProjects } from '../../http/allProjects.ts';
import { identityOf } from '../../http/identity.ts';
import { type Handler, pathPart, route } from '../../http/route.ts';
import { waitMsOf } from '../../http/wait.ts';
import { untilMemberIdle } from '../../room/members/idle.ts';
import { tellMember } from '../../room/members/tell.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { authorOf } from '../../words/scopes.ts';
import { type Wish, wishVerbs } from '../../words/wish.ts';
import { workerJson } from './present.ts';

const ofAll = (handler: Handler): Handler => forAllProjects('workers', handler);

/** `/workers`: the processes that share the work, servers among them. */
export function workersDoor(room: Room): Router {
  const router = Router();
  route(router, '/workers', { get: ['stats:read', ofAll((_, response) => sendWorkers(room, response))] });
  route(router, '/workers/:name', {
    get: ['stats:read', ofAll((request, response) => sendWorker(room, request, response))],
  });
  for (const [verb, wish] of wishVerbs)
    route(router, `/workers/:name/${verb}`, {
      post: ['admin', ofAll((request, response) => changeWorker(room, wish, request, response))],
    });
  return router;
}

/** By name, so that whoever asks several servers in turn sees one list. */
async function sendWorkers(room: Room, response: Response): Promise<void> {
  const members = (await room.fleet.members()).toSorted((a, b) =>
    a.name < b.name ? -1 : Number(a.name > b.name),
  );
  response.json(members.map((member) => workerJson(room, member)));
}

async function sendWorker(room: Room, request: Request, response: Response): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const name = pathPart(request, 'name');
  const member = await untilMemberIdle(room, name, waitMsOf(request), gone.signal);
  if (!member) throw unknown(name);
  response.set('Cache-Control', 'no-store').json(workerJson(room, member));
}

async function changeWorker(room: Room, wish: Wish, request: Request, response: Response): Promise<void> {
  const name = pathPart(request, 'name');
  const member = await tellMember(room, name, wish);
  if (!member) throw unknown(name);
  room.report.info({ worker: name, wish, by: authorOf(identityOf(response)) ?? 'admin' }, 'worker is told');
  response.json(workerJson(room, member));
}

function unknown(name: string): Problem {
  return new Problem('not_found', `there is no worker ${name}`);
}
