import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { retry } from '../../room/runs/retry.ts';
import { authorOf } from '../../words/scopes.ts';
import { sendBody } from './answer.ts';
import { delayMsOf } from './delay.ts';
import type { BarbequeDeps } from './deps.ts';
import { smallBody } from './execution.ts';
import { fieldsOf, optionalInteger, paramsOf } from './params.ts';
import { invalidParameter, noSuchExecution } from './refusal.ts';
import { messageIdOf } from './show.ts';
import { visibleStanding } from './standing.ts';

/** `POST /v1/job_executions/{message_id}/retries`: also while the execution still runs, for it asks for that itself. */
export async function retryExecution(
  deps: BarbequeDeps,
  request: Request,
  response: Response,
): Promise<void> {
  const messageId = messageIdOf(request);
  const params = paramsOf(request);
  const delayMs = delayMsOf(optionalInteger(params, 'delay_seconds'), deps.settings());
  if (delayMs === undefined) throw invalidParameter('delay_seconds', 'Integer');
  const fields = fieldsOf(params);
  const identity = identityOf(response);
  if (!(await visibleStanding(deps.room, messageId, identity))) throw noSuchExecution();
  const author = authorOf(identity);
  const { run } = await retry(deps.room, messageId, {
    delayMs,
    ...(author !== null && { createdBy: author }),
  });
  sendBody(request, response, 201, smallBody({ message_id: run.id, status: 'pending' }, fields));
}
