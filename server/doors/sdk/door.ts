import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import { bodyOf } from '../../http/body.ts';
import { pathPart, route } from '../../http/route.ts';
import { reportAlive, reportDone, reportFailed, reportLines } from '../../room/http/report.ts';
import type { Room } from '../../room/room.ts';
import { isTooDeep, mostLevels } from '../../words/depth.ts';
import { Problem } from '../../words/problems.ts';
import { completeBody, failBody, logBody, progressBody, type reportAnswer } from './schemas.ts';

type Status = z.output<typeof reportAnswer>['status'];
/** Does what was reported; what the run is then. */
type Report = (runId: string, body: unknown) => Promise<Status>;

const mostResultBytes = 1024 * 1024;

/** For endpoints: whoever has the token of a run reports how it goes, and nobody else. */
export function sdkDoor(room: Room): Router {
  const router = Router();
  const reports: Record<string, Report> = {
    heartbeat: async (runId) => reportAlive(room, runId).then(() => 'executing'),
    log: async (runId, body) => log(room, runId, checked(logBody, body)),
    progress: async (runId, body) => progress(room, runId, checked(progressBody, body)),
    complete: async (runId, body) => complete(room, runId, checked(completeBody, body)),
    fail: async (runId, body) =>
      reportFailed(room, runId, checked(failBody, body).error).then(() => 'failed'),
  };
  for (const [name, report] of Object.entries(reports))
    route(router, `/sdk/v1/runs/:id/${name}`, {
      post: ['signed', (request, response) => answer(room, report, request, response)],
    });
  return router;
}

async function answer(room: Room, report: Report, request: Request, response: Response): Promise<void> {
  const runId = pathPart(request, 'id');
  refuseOthers(room, request, runId);
  response.json({ id: runId, status: await report(runId, bodyValue(request)) });
}

/** The token says which run its holder may speak for. */
function refuseOthers({ tokens, now }: Room, request: Request, runId: string): void {
  const token = /^Bearer +(\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
  const allowed = token === undefined ? undefined : tokens.verify(token, now());
  if (allowed === undefined)
    throw new Problem('unauthorized', "send the run's own token, from X-Run-Token, as Bearer");
  if (allowed !== runId) throw new Problem('forbidden', 'the token is that of another run');
}

async function log(
  room: Room,
  runId: string,
  { message, level, data }: z.output<typeof logBody>,
): Promise<Status> {
  const stream = level === 'warn' || level === 'error' ? 'stderr' : 'stdout';
  const text = data === undefined ? message : `${message} ${JSON.stringify(data)}`;
  await reportLines(room, runId, stream, text);
  return 'executing';
}

async function progress(
  room: Room,
  runId: string,
  { percent, message }: z.output<typeof progressBody>,
): Promise<Status> {
  const text = message === undefined || message === '' ? '' : `: ${message}`;
  await reportLines(room, runId, 'system', `progress ${percent} %${text}`);
  return 'executing';
}

async function complete(
  room: Room,
  runId: string,
  { result }: z.output<typeof completeBody>,
): Promise<Status> {
  const output = result === undefined || result === null ? undefined : JSON.stringify(result);
  if (output !== undefined && Buffer.byteLength(output) > mostResultBytes)
    throw new Problem('payload_too_large', 'the result is longer than 1 MiB');
  await reportDone(room, runId, output);
  return 'completed';
}

function bodyValue(request: Request): unknown {
  const body = bodyOf(request);
  if (body.length === 0) return {};
  const value = parsed(body.toString('utf8'));
  if (isTooDeep(value))
    throw new Problem('validation_error', `the body is nested too deeply (max ${mostLevels} levels)`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('bad_json', 'invalid request body', { cause: error });
  }
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const details = read.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter((part) => part !== '').join(': '),
  );
  throw new Problem('validation_error', 'validation failed', { details });
}
