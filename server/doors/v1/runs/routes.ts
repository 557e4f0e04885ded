import { type Request, type Response, Router } from 'express';
import { type Handler, route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { dlqReplay, replay } from '../../../room/runs/replay.ts';
import { sendDependencyStatus } from './dependencyStatus.ts';
import { sendEvents } from './events.ts';
import { sendChildren, sendDeadLetters, sendRuns } from './list.ts';
import { cancelFitting, cancelRuns, replayRuns } from './many.ts';
import { cancelRun, deleteKey, replayRun, rescheduleRun, sendRun } from './one.ts';
import { sendStats } from './stats.ts';
import { streamRun } from './stream.ts';

/** `/v1/runs`: what became of triggers. */
export function runRoutes(room: Room): Router {
  const router = Router();
  const on =
    (work: (room: Room, request: Request, response: Response) => Promise<void>): Handler =>
    (request, response) =>
      work(room, request, response);

  route(router, '/v1/runs', { get: ['runs:read', on(sendRuns)] });
  route(router, '/v1/runs/dlq', { get: ['runs:read', on(sendDeadLetters)] });
  route(router, '/v1/runs/bulk-cancel', { post: ['runs:write', on(cancelRuns)] });
  route(router, '/v1/runs/bulk-cancel-all', { post: ['runs:write', on(cancelFitting)] });
  route(router, '/v1/runs/bulk-replay', { post: ['runs:write', on(replayRuns)] });
  route(router, '/v1/runs/:run', {
    get: ['runs:read', on(sendRun)],
    delete: ['runs:write', on(cancelRun)],
  });
  route(router, '/v1/runs/:run/replay', { post: ['runs:write', on((...all) => replayRun(...all, replay))] });
  route(router, '/v1/runs/:run/dlq-replay', {
    post: ['runs:write', on((...all) => replayRun(...all, dlqReplay))],
  });
  route(router, '/v1/runs/:run/reschedule', { post: ['runs:write', on(rescheduleRun)] });
  route(router, '/v1/runs/:run/idempotency-key', { delete: ['runs:write', on(deleteKey)] });
  route(router, '/v1/runs/:run/events', { get: ['runs:read', on(sendEvents)] });
  route(router, '/v1/runs/:run/stream', { get: ['runs:read', on(streamRun)] });
  route(router, '/v1/runs/:run/children', { get: ['runs:read', on(sendChildren)] });
  route(router, '/v1/runs/:run/dependency-status', { get: ['runs:read', on(sendDependencyStatus)] });
  route(router, '/v1/stats', { get: ['stats:read', on(sendStats)] });
  return router;
}
