import { type Request, type Response, Router } from 'express';
import { route } from '../http/route.ts';
import type { Room } from '../room/room.ts';
import type { FullDisk } from './fullDisk.ts';
import { Problem } from '../words/problems.ts';

type Disk = Pick<FullDisk, 'isFull'>;

const full = 'its disk is full';

/**
 * `/health`: the process answers. `/ready`: the store and an engine answer too, and the store takes what is sent.
 * `/health/ready`: which of them do. All open to everybody.
 */
export function healthRoutes(room: Room, disk: Disk): Router {
  const router = Router();
  route(router, '/health', { get: ['public', sendHealth] });
  route(router, '/ready', { get: ['public', (_request, response) => sendReadiness(room, disk, response)] });
  route(router, '/health/ready', {
    get: ['public', (_request, response) => sendComponents(room, disk, response)],
  });
  return router;
}

/** Text, as it always was, but for those who ask for JSON by name. */
function sendHealth(request: Request, response: Response): void {
  if (request.get('Accept')?.includes('application/json') === true) response.json({ status: 'ok' });
  else response.type('text').send('200 OK');
}

async function sendReadiness(room: Room, disk: Disk, response: Response): Promise<void> {
  await storeAnswers(room);
  if (disk.isFull) throw new Problem('unavailable', `the store takes nothing: ${full}`);
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
}

async function sendComponents(room: Room, disk: Disk, response: Response): Promise<void> {
  const before = performance.now();
  const problem = await storeAnswers(room).then(
    () => (disk.isFull ? full : undefined),
    () => 'it does not answer',
  );
  const latencyMs = Math.round(performance.now() - before);
  const database = problem === undefined ? { status: 'up' } : { status: 'down', error: problem };
  const engines = room.engines.seats().map(({ engine, state }) => ({
    name: `engine ${engine.name}`,
    status: state === 'ok' ? 'up' : 'down',
  }));
  const isWhole = engines.every(({ status }) => status === 'up');
  // What waits for an engine waits; without the database nothing can be asked for.
  const status = problem !== undefined ? 'down' : isWhole ? 'up' : 'degraded';
  response.status(problem === undefined ? 200 : 503);
  response.json({
    status,
    components: [{ name: 'database', latency_ms: latencyMs, ...database }, ...engines],
  });
}

async function storeAnswers(room: Room): Promise<void> {
  try {
    await room.store.read.ping();
  } catch (error) {
    throw new Problem('unavailable', 'the store does not answer', { cause: error });
  }
}
