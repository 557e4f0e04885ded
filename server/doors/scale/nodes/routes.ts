import { Router } from 'express';
import { route } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { ofAll } from './find.ts';
import { sendNodes } from './list.ts';
import { changeNode, sendNode } from './one.ts';
import { sendNodesStatus } from './status.ts';

/** `/nodes/`: engines, for who sees all projects. */
export function nodeRoutes(room: Room, show: ShowExecutions): Router {
  const router = Router();
  route(router, '/v3/nodes/', {
    get: ['stats:read', ofAll((request, response) => sendNodes(room, request, response))],
  });
  route(router, '/v3/nodes/status/', {
    get: ['stats:read', ofAll((request, response) => sendNodesStatus(room, show, request, response))],
  });
  route(router, '/v3/nodes/:node/', {
    get: ['stats:read', ofAll((request, response) => sendNode(room, show, request, response))],
    patch: ['admin', ofAll((request, response) => changeNode(room, request, response, false))],
    put: ['admin', ofAll((request, response) => changeNode(room, request, response, true))],
  });
  return router;
}
