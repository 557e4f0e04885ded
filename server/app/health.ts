import { Router } from 'express';
import { route } from '../http/route.ts';
import type { Room } from '../room/room.ts';
import { Problem } from '../words/problems.ts';

/** `/health`: the process answers. `/ready`: the store and an engine answer too. Both open to everybody. */
export function healthRoutes(room: Room): Router {
  const router = Router();
  route(router, '/health', { get: (_request, response) => void response.type('text').send('200 OK') });
  route(router, '/ready', {
    async get(_request, response) {
      await storeAnswers(room);
      const seats = room.engines.seats();
      if (!seats.some(({ state }) => state === 'ok'))
        throw new Problem(
          'unavailable',
          seats.map(({ engine, problem }) => `${engine.name}: ${problem ?? 'not asked yet'}`).join('; '),
        );
      response.json({
        store: 'ok',
        engines: Object.fromEntries(seats.map(({ engine, state }) => [engine.name, state])),
      });
    },
  });
  return router;
}

async function storeAnswers(room: Room): Promise<void> {
  try {
    await room.store.read.ping();
  } catch (error) {
    throw new Problem('unavailable', 'the store does not answer', { cause: error });
  }
}
