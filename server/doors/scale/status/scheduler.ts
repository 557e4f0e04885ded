import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import { authorOf } from '../../../words/scopes.ts';
import { bodyObject, optionalFlag } from '../body.ts';
import { addressOf } from '../paths.ts';
import { badRequest } from '../problems.ts';

/** `GET /scheduler/`: whether runs begin. */
export function sendScheduler(room: Room, _request: Request, response: Response): void {
  response.json(schedulerJson(room));
}

/** `PATCH /scheduler/`: pauses the server or resumes it. */
export async function changeScheduler(room: Room, request: Request, response: Response): Promise<void> {
  const body = bodyObject(request);
  const others = Object.keys(body).filter((name) => name !== 'is_paused');
  if (others.length > 0) throw badRequest(`Unexpected fields: ${others.join(', ').slice(0, 500)}`);
  const isPaused = optionalFlag(body, 'is_paused');
  if (isPaused === undefined) throw badRequest('No fields specified for update.');
  // A server that drains is paused, and more.
  if (isPaused !== schedulerJson(room).is_paused) await room.wishes.setServer(isPaused ? 'paused' : 'on');
  room.report.info({ is_paused: isPaused, by: authorOf(identityOf(response)) ?? 'admin' }, 'server is told');
  const { server, path } = addressOf(request);
  response
    .status(201)
    .location(server + path)
    .json(schedulerJson(room));
}

function schedulerJson({ wishes }: Room): { is_paused: boolean } {
  return { is_paused: wishes.server() !== 'on' };
}
