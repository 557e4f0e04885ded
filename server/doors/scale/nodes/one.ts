import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { KnownEngine } from '../../../room/engines/known.ts';
import type { Room } from '../../../room/room.ts';
import { Problem } from '../../../words/problems.ts';
import { authorOf } from '../../../words/scopes.ts';
import { type Body, bodyObject, optionalFlag, optionalText } from '../body.ts';
import type { ShowExecutions } from '../jobs/executions.ts';
import { addressOf } from '../paths.ts';
import { badRequest } from '../problems.ts';
import { findNode } from './find.ts';
import { nodeJson } from './list.ts';
import { resourcesOf } from './resources.ts';
import { runningOn } from './running.ts';

const fields = ['hostname', 'port', 'pause_reason', 'is_paused', 'is_active'] as const;
const required = ['hostname', 'port', 'is_paused', 'is_active'] as const;

/** `GET /nodes/{id}/` */
export async function sendNode(
  room: Room,
  show: ShowExecutions,
  request: Request,
  response: Response,
): Promise<void> {
  const known = await findNode(room, request);
  const running = await runningOn(room, known.engine.key, show);
  response.json({ ...nodeJson(room, known), job_exes_running: running, ...resourcesJson(known) });
}

/** `PATCH` and `PUT`: pauses an engine or resumes it. All else of it is in the settings, and stays as it is. */
export async function changeNode(
  room: Room,
  request: Request,
  response: Response,
  isWhole: boolean,
): Promise<void> {
  const known = await findNode(room, request);
  const body = checkedBody(bodyObject(request), isWhole);
  const before = nodeJson(room, known);
  for (const name of ['hostname', 'port', 'is_active'])
    if (Object.hasOwn(body, name) && body[name] !== before[name])
      throw new Problem('conflict', `${name} stands in settings.json, and is changed there`);
  const isPaused = optionalFlag(body, 'is_paused');
  const reason = optionalText(body, 'pause_reason');
  // A wish that says the same more exactly, as draining, stays.
  if (isPaused !== undefined && isPaused !== before['is_paused']) await tell(room, known, isPaused);
  const by = authorOf(identityOf(response)) ?? 'admin';
  room.report.info({ engine: known.engine.name, is_paused: isPaused, reason, by }, 'engine is told');
  const { server, path } = addressOf(request);
  response.status(201).location(server + path);
  response.json({ ...nodeJson(room, known), ...resourcesJson(known) });
}

async function tell(room: Room, { engine }: KnownEngine, isPaused: boolean): Promise<void> {
  await room.wishes.setEngine(engine.name, isPaused ? 'paused' : 'on');
}

function checkedBody(body: Body, isWhole: boolean): Body {
  const names = Object.keys(body);
  const unknown = names.filter((name) => !fields.some((field) => field === name));
  if (unknown.length > 0) throw badRequest(`Unexpected fields: ${unknown.join(', ').slice(0, 500)}`);
  if (names.length === 0) throw badRequest('No fields specified for update.');
  const missing = isWhole ? required.filter((name) => !names.includes(name)) : [];
  if (missing.length > 0) throw badRequest(`Missing required fields: ${missing.join(', ')}`);
  return body;
}

function resourcesJson({ seat }: KnownEngine): object {
  const resources = resourcesOf(seat);
  return resources ? { resources } : { disconnected: true };
}
