import { Router } from 'express';
import { route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { sendLogs } from '../logs/whole.ts';
import { sendStream } from '../logs/stream.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import type { Commands } from './commands.ts';
import { sendExecutions } from './list.ts';
import { sendExecution } from './one.ts';

/** `/job-executions/`: attempts, and what they wrote. */
export function executionRoutes(room: Room, commands: Commands, show: ShowExecutions): Router {
  const router = Router();
  route(router, '/v3/job-executions/', {
    get: ['runs:read', (request, response) => sendExecutions(room, { commands, show }, request, response)],
  });
  route(router, '/v3/job-executions/:execution/', {
    get: ['runs:read', (request, response) => sendExecution(room, commands, request, response)],
  });
  route(router, '/v3/job-executions/:execution/logs/', {
    get: ['runs:read', (request, response) => sendLogs(room, show, request, response)],
  });
  for (const version of ['v3', 'v6'])
    route(router, `/${version}/job-executions/:execution/logs/:stream/`, {
      get: ['runs:read', (request, response) => sendStream(room, request, response)],
    });
  return router;
}
