import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { bodyOf } from '../../http/body.ts';
import { sameSecret } from '../../http/compare.ts';
import { webhookPayload } from '../../http/payload.ts';
import { queryOf, route } from '../../http/route.ts';
import type { NamedSubmission } from '../../room/submit/submission.ts';
import { submit } from '../../room/submit/submit.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { secretOf, type WebhookOptions } from '../../http/webhook.ts';
import { parseTravis } from './build.ts';

/** The notification webhook of Travis CI: a form whose field `payload` is JSON. */
export function travisDoor(room: Room, options: WebhookOptions): Router {
  const router = Router();
  route(router, '/docker-build/travis', {
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
  const secret = secretOf(options, request, 'DOCKER_BUILDER_TRAVISTOKEN');
  const slug = request.get('Travis-Repo-Slug') ?? '';
  refuseUnsigned(secret, slug, request.get('Authorization') ?? '');
  const submission = parseTravis(payloadOf(request));
  if (secret !== undefined) refuseOtherRepository(slug, submission);
  const { run } = await submit(room, submission);
  response.status(202).location(`/jobs/${run.id}`).json(options.present(run));
}

/** The payload stands in a form or, as the original also took it, in the query. */
function payloadOf(request: Request): unknown {
  const inQuery = queryOf(request).get('payload');
  if (inQuery !== null) return webhookPayload(Buffer.from(inQuery), 'application/json');
  return webhookPayload(bodyOf(request), request.get('Content-Type'));
}

function refuseUnsigned(secret: string | undefined, slug: string, authorization: string): void {
  if (secret === undefined) return;
  const expected = createHash('sha256')
    .update(slug + secret)
    .digest('hex');
  if (!sameSecret(authorization, expected))
    throw new Problem('bad_signature', 'the Authorization header does not fit: check the Travis token');
}

/** The header is signed, the payload is not: it may only speak of the repository that the header names. */
function refuseOtherRepository(slug: string, { job: { project, slug: repo } }: NamedSubmission): void {
  if (slug !== `${project}/${repo}`)
    throw new Problem('bad_signature', `Travis-Repo-Slug says ${slug}, the payload says ${project}/${repo}`);
}
