import { type Request, type Response, Router } from 'express';
import { bodyOf } from '../../http/body.ts';
import { webhookPayload } from '../../http/payload.ts';
import { route } from '../../http/route.ts';
import { submit } from '../../room/submit/submit.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { secretOf, type WebhookOptions } from '../../http/webhook.ts';
import { parsePush } from './push.ts';
import { isSigned } from './signature.ts';

/** GitHub's webhook. Every push builds the commit that it ends at, once a delivery. */
export function githubDoor(room: Room, options: WebhookOptions): Router {
  const router = Router();
  route(router, '/docker-build/github', {
    post: ['signed', (request, response) => deliver(room, options, request, response)],
  });
  return router;
}

async function deliver(
  room: Room,
  options: WebhookOptions,
  request: Request,
  response: Response,
): Promise<void> {
  refuseUnsigned(options, request);
  const event = request.get('X-GitHub-Event');
  if (event === undefined)
    throw new Problem('bad_request', 'the header X-GitHub-Event is missing', { field: 'X-GitHub-Event' });
  if (event === 'ping') {
    response.json({ message: 'the webhook works' });
    return;
  }
  if (event !== 'push') {
    response.status(202).json({ reason: `the event ${event} builds nothing: only push does` });
    return;
  }
  const push = parsePush(webhookPayload(bodyOf(request), request.get('Content-Type')));
  if (push.kind === 'nothing') {
    response.status(202).json({ reason: push.reason });
    return;
  }
  const delivery = request.get('X-GitHub-Delivery');
  const { run } = await submit(room, {
    ...push.submission,
    ...(delivery !== undefined && { delivery: { source: 'github', id: delivery } }),
  });
  response.status(202).location(`/jobs/${run.id}`).json(options.present(run));
}

function refuseUnsigned(options: WebhookOptions, request: Request): void {
  const secret = secretOf(options, request, 'DOCKER_BUILDER_GITHUBSECRET');
  const headers = { sha256: request.get('X-Hub-Signature-256'), sha1: request.get('X-Hub-Signature') };
  if (secret !== undefined && !isSigned(bodyOf(request), secret, headers))
    throw new Problem('bad_signature', "the signature does not fit: check the webhook's secret");
}
