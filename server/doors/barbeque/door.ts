import { type Request, type RequestHandler, type Response, Router } from 'express';
import { pathPart, route } from '../../http/route.ts';
import { serverAddress } from '../../http/serverAddress.ts';
import { Problem } from '../../words/problems.ts';
import type { BarbequeDeps } from './deps.ts';
import { enqueue } from './enqueue.ts';
import { messageIdShape } from './execution.ts';
import { Unrouted } from './refusal.ts';
import { retryExecution } from './retries.ts';
import { lockRevision, unlockRevision } from './revisionLock.ts';
import { showExecution } from './show.ts';

/** The interface of Barbeque: executions, their retries, and the tag that all jobs of an application run by. */
export function barbequeDoor(deps: BarbequeDeps): Router {
  const { room } = deps;
  const router = Router();
  route(router, '/v1/job_executions/:message_id', {
    get: ['runs:read', (request, response) => showExecution(deps, request, response)],
  });
  route(router, '/v1/job_executions/:message_id/retries', {
    post: ['jobs:trigger', (request, response) => retryExecution(deps, request, response)],
  });
  route(router, '/v1/apps/:app_name/revision_lock', {
    post: ['jobs:write', (request, response) => lockRevision(room, request, response)],
    delete: ['jobs:write', (request, response) => unlockRevision(room, request, response)],
  });
  route(router, '/v2/job_executions', {
    post: ['jobs:trigger', (request, response) => enqueue(deps, request, response)],
  });
  router.use(nowhere);
  return router;
}

const nowhere: RequestHandler = () => {
  throw new Unrouted();
};

/** `/job_executions/{message_id}`: where people are sent to see an execution. It tells nobody whether there is one. */
export function barbequePage({ publicUrl }: Pick<BarbequeDeps, 'publicUrl'>): Router {
  const router = Router();
  route(router, '/job_executions/:message_id', {
    get: ['public', (request, response) => showPage(publicUrl, request, response)],
  });
  return router;
}

function showPage(publicUrl: URL | undefined, request: Request, response: Response): void {
  const id = pathPart(request, 'message_id').toLowerCase();
  if (!messageIdShape.test(id)) throw new Problem('not_found', 'there is no such execution');
  response.redirect(302, `${publicUrl ? serverAddress(request, publicUrl) : ''}/#/jobs/${id}`);
}
