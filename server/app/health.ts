import { type Request, type Response, Router } from 'express';
import { route } from '../http/route.ts';
import type { SeenEngine } from '../room/members/fleet.ts';
import { viewOf } from '../room/members/report.ts';
import type { Room } from '../room/room.ts';
import type { FullDisk } from './fullDisk.ts';
import { builds, serves } from '../words/member.ts';
import { Problem } from '../words/problems.ts';

type Disk = Pick<FullDisk, 'isFull'>;

const full = 'its disk is full';

/**
 * `/health` and `/livez`: the process answers. `/ready` and `/readyz`: it may be given work: the store answers and takes
 * what is sent, and so does an engine, but of a server that has none itself. `/health/ready`: which of them do. All open to
 * everybody.
 */
export function healthRoutes(room: Room, disk: Disk): Router {
  const router = Router();
  for (const path of ['/health', '/livez']) route(router, path, { get: ['public', sendHealth] });
  for (const path of ['/ready', '/readyz'])
    route(router, path, { get: ['public', (_request, response) => sendReadiness(room, disk, response)] });
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
  if (room.leaving.signal.aborted)
    throw new Problem('unavailable', 'this process is being stopped: ask another one');
  await storeAnswers(room);
  if (disk.isFull) throw new Problem('unavailable', `the store takes nothing: ${full}`);
  const engines = await enginesFor(room);
  // A server has to be there where all workers are away, too: what waits for an engine waits.
  if (builds(room.fleet.me.role) && !engines.some(({ state }) => state === 'ok'))
    throw new Problem(
      'unavailable',
      engines.map(({ name, problem }) => `${name}: ${problem ?? 'not asked yet'}`).join('; '),
    );
  response.json({
    store: 'ok',
    engines: Object.fromEntries(engines.toReversed().map(({ name, state }) => [name, state])),
  });
}

/** Those that a process needs to be of use: a worker its own, others whichever there are. */
async function enginesFor({ fleet }: Room): Promise<readonly SeenEngine[]> {
  const { name, role } = fleet.me;
  const engines = await fleet.engines();
  return serves(role) ? engines : engines.filter(({ worker }) => worker === name);
}

async function sendComponents(room: Room, disk: Disk, response: Response): Promise<void> {
  const before = performance.now();
  const problem = await storeAnswers(room).then(
    () => (disk.isFull ? full : undefined),
    () => 'it does not answer',
  );
  const latencyMs = Math.round(performance.now() - before);
  const database = problem === undefined ? { status: 'up' } : { status: 'down', error: problem };
  const known = problem === undefined ? await enginesFor(room) : room.engines.seats().map(viewOf);
  const engines = known.map(({ name, state }) => ({
    name: `engine ${name}`,
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
    throw new Problem('unavailable', 'the store does not answer', { retryAfterSecs: 1, cause: error });
  }
}
