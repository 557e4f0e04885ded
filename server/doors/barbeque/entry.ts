import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { setRefusalShape } from '../../http/refusal.ts';
import { noteStart, sendRefusal } from './answer.ts';
import { ownPath } from './paths.ts';

const ours = new WeakSet<Request>();
const longestRequestId = 255;

/** Notes which requests are of this interface, and what they are known by. To be asked before everything else. */
export const barbequeEntry: RequestHandler = (request, response, next) => {
  const path = ownPath(request.path);
  if (path !== undefined) {
    ours.add(request);
    noteStart(response);
    setRefusalShape(response, sendRefusal);
    response.locals['requestId'] = requestIdOf(request.get('X-Request-Id'));
    if (path !== request.path) request.url = path + request.url.slice(request.path.length);
  }
  next();
};

/** Whether a request is of this interface, as its address says. */
export function isBarbeque(request: Request): boolean {
  return ours.has(request);
}

function requestIdOf(given = ''): string {
  return given.replaceAll(/[^\w\-@]/g, '').slice(0, longestRequestId) || randomUUID();
}
