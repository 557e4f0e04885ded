import type { Request, Response } from 'express';
import { identityOf } from '../../http/identity.ts';
import { pathPart } from '../../http/route.ts';
import { serverAddress } from '../../http/serverAddress.ts';
import { sendBody } from './answer.ts';
import type { BarbequeDeps } from './deps.ts';
import {
  type Execution,
  executionBody,
  messageIdShape,
  type Opened,
  pageAddress,
  unknownExecution,
} from './execution.ts';
import { queryFields } from './params.ts';
import { noSuchExecution, Unrouted } from './refusal.ts';
import { executionOf, visibleStanding } from './standing.ts';

/** `GET /v1/job_executions/{message_id}` */
export async function showExecution(deps: BarbequeDeps, request: Request, response: Response): Promise<void> {
  const messageId = messageIdOf(request);
  const fields = queryFields(request);
  const run = await visibleStanding(deps.room, messageId, identityOf(response));
  if (!run && !deps.settings().originalAnswers) throw noSuchExecution();
  const execution = run ? await executionOf(deps.room, run) : pending(messageId);
  const opened = run ? openedOf(deps, request, messageId) : unknownExecution;
  sendBody(request, response, 200, await executionBody(execution, fields, opened));
}

/** Throws a Refusal where the path has something else in its place. */
export function messageIdOf(request: Request): string {
  const id = pathPart(request, 'message_id');
  if (!messageIdShape.test(id)) throw new Unrouted();
  return id;
}

/** An execution that was just taken, or that nobody knows. */
export function pending(messageId: string): Execution {
  return { messageId, status: 'pending', id: null };
}

export function openedOf({ room, publicUrl }: BarbequeDeps, request: Request, messageId: string): Opened {
  return {
    htmlUrl: () => pageAddress(serverAddress(request, publicUrl), messageId),
    message: async () => (await room.store.read.runBody(messageId)).payload,
  };
}
