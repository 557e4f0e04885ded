import { type Request, type Response, Router } from 'express';
import { bodyOf } from '../../http/body.ts';
import { forAllProjects } from '../../http/allProjects.ts';
import { type Handler, route } from '../../http/route.ts';
import { collect, isCleaningUp } from '../../room/retention/collect.ts';
import { lastReport } from '../../room/retention/everywhere.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { reportJson } from './present.ts';
import { gcRequest } from './schemas.ts';

const ofAll = (handler: Handler): Handler => forAllProjects('clean-ups', handler);

/** `/gc`: removes what the settings do not want to be kept, or says what that would be. */
export function gcDoor(room: Room): Router {
  const router = Router();
  route(router, '/gc', {
    get: ['admin', ofAll((_request, response) => sendLast(room, response))],
    post: ['admin', ofAll((request, response) => cleanUp(room, request, response))],
  });
  return router;
}

async function sendLast(room: Room, response: Response): Promise<void> {
  const [isRunning, last] = await Promise.all([isCleaningUp(room), lastReport(room)]);
  response.json({ running: isRunning, last: last ? reportJson(last) : null });
}

async function cleanUp(room: Room, request: Request, response: Response): Promise<void> {
  const { dry_run: isDryRun = false, engines } = wishOf(bodyOf(request));
  const report = await collect(room, { isDryRun, isAsked: true, ...(engines && { engines }) });
  response.json(reportJson(report));
}

function wishOf(body: Buffer) {
  const read = gcRequest.safeParse(body.length === 0 ? {} : valueOf(body));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const [field] = issue?.path ?? [];
  const place = field === undefined ? 'the body' : String(field);
  throw new Problem('bad_request', `${place} ${issue?.message ?? 'cannot be understood'}`, {
    ...(field !== undefined && { field: place }),
  });
}

function valueOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Problem('bad_json', 'the body is not valid JSON: send {"dry_run": true}', { cause: error });
  }
}
