import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Report } from '../room/room.ts';

/** Asked every few seconds by whoever keeps an eye on the process. */
const probes: ReadonlySet<string> = new Set(['/health', '/livez', '/readyz']);

/** Gives each request that has none an id, its own where it brings a sensible one, and writes one line when it is answered. */
export function requestLog(report: Report): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const id = (response.locals['requestId'] ??= requestIdOf(request.get('X-Request-Id'))) as string;
    response.set('X-Request-Id', id);
    response.once('close', () => {
      if (probes.has(request.path)) return;
      const fields = {
        id,
        method: request.method,
        path: request.path,
        status: response.statusCode,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
        from: request.socket.remoteAddress,
        whole: response.writableFinished,
      };
      report.info(fields, 'request');
    });
    next();
  };
}

function requestIdOf(given: string | undefined): string {
  return given !== undefined && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
}
