import type { Request, Response } from 'express';
import { takeTrigger } from '../../../http/allowance.ts';
import { bodyOf } from '../../../http/body.ts';
import { identityOf } from '../../../http/identity.ts';
import { cancel } from '../../../room/cancel.ts';
import type { Room } from '../../../room/room.ts';
import { forgetKey } from '../../../room/runs/forgetKey.ts';
import type { dlqReplay, replay } from '../../../room/runs/replay.ts';
import { reschedule } from '../../../room/runs/reschedule.ts';
import { Problem } from '../../../words/problems.ts';
import { isTerminal } from '../../../words/run.ts';
import { authorOf } from '../../../words/scopes.ts';
import { bodyObject, checked } from '../body.ts';
import { rescheduleBody } from '../schemas/runRequests.ts';
import { findRun } from './findRun.ts';
import { memberTexts } from '../../../http/jsonTexts.ts';
import { oneRunJson } from './present.ts';

/** `GET /v1/runs/{run}` */
export async function sendRun(room: Room, request: Request, response: Response): Promise<void> {
  response.json(await oneRunJson(room, await findRun(room, request, response)));
}

/** `DELETE /v1/runs/{run}`: what waits is canceled at once, what is executing is told to stop. */
export async function cancelRun(room: Room, request: Request, response: Response): Promise<void> {
  const { id, state } = await findRun(room, request, response);
  if (isTerminal(state)) throw new Problem('bad_request', alreadyOver);
  await cancel(room, id).catch((error: unknown) => {
    throw asOver(error);
  });
  response.status(204).end();
}

export const alreadyOver = 'run already in terminal state';

/** That a run has ended is said in one way, also where that happened a moment ago. */
export function asOver(error: unknown): unknown {
  const isOver = error instanceof Problem && error.code === 'conflict';
  return isOver ? new Problem('bad_request', alreadyOver) : error;
}

/** `POST /v1/runs/{run}/replay` and `/dlq-replay`: a new run. */
export async function replayRun(
  room: Room,
  request: Request,
  response: Response,
  again: typeof replay | typeof dlqReplay,
): Promise<void> {
  const { id } = await findRun(room, request, response);
  await takeTrigger(response);
  const { run } = await again(room, id, authorOf(identityOf(response)) ?? undefined);
  response.status(201).location(`/v1/runs/${run.id}`);
  response.json(await oneRunJson(room, run));
}

/** `DELETE /v1/runs/{run}/idempotency-key` */
export async function deleteKey(room: Room, request: Request, response: Response): Promise<void> {
  const { id } = await findRun(room, request, response);
  await forgetKey(room, id);
  response.status(204).end();
}

/** `POST /v1/runs/{run}/reschedule` */
export async function rescheduleRun(room: Room, request: Request, response: Response): Promise<void> {
  const { id } = await findRun(room, request, response);
  const { scheduled_at, payload } = checked(rescheduleBody, bodyObject(request));
  const text = memberTexts(bodyOf(request).toString('utf8')).get('payload');
  const replacement = payload === undefined || text === undefined ? undefined : { value: payload, text };
  const run = await reschedule(room, id, Date.parse(scheduled_at), replacement);
  response.json(await oneRunJson(room, run));
}
