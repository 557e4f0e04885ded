import { type Request, type Response, Router } from 'express';
import { identityOf } from '../../http/identity.ts';
import { type Handler, pathPart, queryOf, route } from '../../http/route.ts';
import type { EngineSeat } from '../../room/engines/seat.ts';
import type { Room } from '../../room/room.ts';
import { serverState, untilIdle } from '../../room/serverState.ts';
import { Problem } from '../../words/problems.ts';
import { authorOf, seesAll } from '../../words/scopes.ts';
import type { Wish } from '../../words/wish.ts';
import { engineJson } from './present.ts';
import { mostWaitSecs } from './schemas.ts';

const verbs: readonly (readonly [verb: string, wish: Wish])[] = [
  ['pause', 'paused'],
  ['drain', 'draining'],
  ['resume', 'on'],
];

/** `/engines` and `/server`: where builds are made, and whether any begin. */
export function enginesDoor(room: Room): Router {
  const router = Router();
  route(router, '/engines', { get: ['stats:read', ofAll((_, response) => sendEngines(room, response))] });
  route(router, '/engines/:name', {
    get: ['stats:read', ofAll((request, response) => sendEngine(room, seatOf(room, request), response))],
  });
  route(router, '/server', {
    get: ['stats:read', ofAll((request, response) => sendServer(room, request, response))],
  });
  for (const [verb, wish] of verbs) {
    route(router, `/engines/:name/${verb}`, {
      post: ['admin', ofAll((request, response) => changeEngine(room, wish, request, response))],
    });
    route(router, `/server/${verb}`, {
      post: ['admin', ofAll((_, response) => changeServer(room, wish, response))],
    });
  }
  return router;
}

/** Engines belong to no project: who sees one project only sees none of them. */
function ofAll(handler: Handler): Handler {
  return (request, response) => {
    if (!seesAll(identityOf(response)))
      throw new Problem('not_found', 'engines and the server are for keys of all projects only');
    return handler(request, response);
  };
}

function sendEngines({ engines, wishes, now }: Room, response: Response): void {
  response.json(engines.seats().map((seat) => engineJson(seat, wishes.of(seat.engine.name), now())));
}

function sendEngine({ wishes, now }: Room, seat: EngineSeat, response: Response): void {
  response.json(engineJson(seat, wishes.of(seat.engine.name), now()));
}

async function sendServer(room: Room, request: Request, response: Response): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const state = await untilIdle(room, waitMsOf(request), gone.signal);
  response.set('Cache-Control', 'no-store').json(state);
}

async function changeEngine(room: Room, wish: Wish, request: Request, response: Response): Promise<void> {
  const seat = seatOf(room, request);
  const { name } = seat.engine;
  if (wish === 'on') room.engines.pardon(seat);
  await room.wishes.setEngine(name, wish);
  room.report.info({ engine: name, wish, by: authorOf(identityOf(response)) ?? 'admin' }, 'engine is told');
  sendEngine(room, seat, response);
}

async function changeServer(room: Room, wish: Wish, response: Response): Promise<void> {
  await room.wishes.setServer(wish);
  room.report.info({ wish, by: authorOf(identityOf(response)) ?? 'admin' }, 'server is told');
  response.json(await serverState(room));
}

function seatOf({ engines }: Room, request: Request): EngineSeat {
  const name = pathPart(request, 'name');
  const seat = engines.seats().find(({ engine }) => engine.name === name);
  if (!seat) throw new Problem('not_found', `there is no engine ${name}`);
  return seat;
}

function waitMsOf(request: Request): number {
  const text = queryOf(request).get('wait') ?? '0';
  const secs = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  if (secs > mostWaitSecs)
    throw new Problem('bad_request', `wait must be a whole number of seconds, at most ${mostWaitSecs}`, {
      field: 'wait',
    });
  return secs * 1000;
}
