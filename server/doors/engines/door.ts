import { type Request, type Response, Router } from 'express';
import { forAllProjects } from '../../http/allProjects.ts';
import { identityOf } from '../../http/identity.ts';
import { type Handler, pathPart, route } from '../../http/route.ts';
import { waitMsOf } from '../../http/wait.ts';
import type { SeenEngine } from '../../room/members/fleet.ts';
import type { Room } from '../../room/room.ts';
import { serverState, untilIdle } from '../../room/serverState.ts';
import { Problem } from '../../words/problems.ts';
import { authorOf } from '../../words/scopes.ts';
import { type Wish, wishVerbs } from '../../words/wish.ts';
import { engineJson } from './present.ts';
import type { ShownEngine } from './schemas.ts';

const ofAll = (handler: Handler): Handler => forAllProjects('engines and the server', handler);

/** `/engines` and `/server`: where builds are made, and whether any begin. */
export function enginesDoor(room: Room): Router {
  const router = Router();
  route(router, '/engines', { get: ['stats:read', ofAll((_, response) => sendEngines(room, response))] });
  route(router, '/engines/:name', {
    get: [
      'stats:read',
      ofAll(async (request, response) => sendEngine(room, await seatOf(room, request), response)),
    ],
  });
  route(router, '/server', {
    get: ['stats:read', ofAll((request, response) => sendServer(room, request, response))],
  });
  for (const [verb, wish] of wishVerbs) {
    route(router, `/engines/:name/${verb}`, {
      post: ['admin', ofAll((request, response) => changeEngine(room, wish, request, response))],
    });
    route(router, `/server/${verb}`, {
      post: ['admin', ofAll((_, response) => changeServer(room, wish, response))],
    });
  }
  return router;
}

async function sendEngines(room: Room, response: Response): Promise<void> {
  response.json((await room.fleet.engines()).map((seat) => jsonOf(room, seat)));
}

function sendEngine(room: Room, seat: SeenEngine, response: Response): void {
  response.json(jsonOf(room, seat));
}

function jsonOf({ wishes, now }: Room, seat: SeenEngine): ShownEngine {
  const told = { own: wishes.of(seat.name), ofWorker: wishes.ofMember(seat.worker) };
  return engineJson(seat, told, now());
}

async function sendServer(room: Room, request: Request, response: Response): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const state = await untilIdle(room, waitMsOf(request), gone.signal);
  response.set('Cache-Control', 'no-store').json(state);
}

async function changeEngine(room: Room, wish: Wish, request: Request, response: Response): Promise<void> {
  const { name } = await seatOf(room, request);
  await room.wishes.setEngine(name, wish);
  room.report.info({ engine: name, wish, by: authorOf(identityOf(response)) ?? 'admin' }, 'engine is told');
  sendEngine(room, await seatOf(room, request), response);
}

async function changeServer(room: Room, wish: Wish, response: Response): Promise<void> {
  await room.wishes.setServer(wish);
  room.report.info({ wish, by: authorOf(identityOf(response)) ?? 'admin' }, 'server is told');
  response.json(await serverState(room));
}

async function seatOf({ fleet }: Room, request: Request): Promise<SeenEngine> {
  const name = pathPart(request, 'name');
  const seat = await fleet.engine(name);
  if (!seat) throw new Problem('not_found', `there is no engine ${name}`);
  return seat;
}
