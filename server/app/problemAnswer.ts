import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Report } from '../room/room.ts';
import type { FullDisk } from './fullDisk.ts';
import { problemJson } from '../http/problemJson.ts';
import { refusalShape } from '../http/refusal.ts';
import { isDiskFull } from '../words/diskFull.ts';
import { Problem } from '../words/problems.ts';
import { CommitUnknown, StoreUnavailable } from '../words/storeUnavailable.ts';
import { UnboundedOrder } from '../words/unboundedOrder.ts';

/** Between two lines about a store that is away, in milliseconds. */
const awayEveryMs = 1000;

/** Every path that nothing else knows. */
export const unknownPath: RequestHandler = (request) => {
  throw new Problem('not_found', `there is nothing at ${request.path}`);
};

/** The one place where errors become answers. */
export function problemAnswer(report: Report, disk: Pick<FullDisk, 'refused'>): ErrorRequestHandler {
  let awayToldAt = -Infinity;

  /** A store that is away is told once a second, not at each request. */
  function tellAway(error: StoreUnavailable, fields: object): void {
    if (performance.now() - awayToldAt < awayEveryMs) return;
    awayToldAt = performance.now();
    report.error({ why: error.message, ...fields }, 'the store does not answer: requests are refused');
  }

  /** Where a stack says nothing that the sentence does not, it is left out; a full disk is not told at each request. */
  function tell(error: unknown, problem: Problem, fields: object): void {
    if (problem.code === 'insufficient_storage') {
      const why = error instanceof Error ? error.message : String(error);
      if (disk.refused()) report.error({ why, ...fields }, 'the disk is full: requests are refused');
    } else if (error === problem && problem.cause === undefined)
      report.error({ why: problem.message, ...fields }, 'a request failed');
    else report.error({ error, ...fields }, 'a request failed');
  }

  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error, request.method);
    const requestId: unknown = response.locals['requestId'];
    const fields = { request: requestId, path: request.path };
    const away = problem.cause;
    if (away instanceof StoreUnavailable) tellAway(away, fields);
    else if (problem.status >= 500) tell(error, problem, fields);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (problem.code === 'unauthorized' && !isPage(request.get('Sec-Fetch-Dest')))
      response.set('WWW-Authenticate', 'Basic realm="docker-builder"');
    tellLimits(problem, response);
    response.status(problem.status);
    const own = refusalShape(response);
    const body = own ? own(problem, request, response) : { ...problemJson(problem), request_id: requestId };
    if (!response.headersSent) response.json(body);
  };
}

function tellLimits({ retryAfterSecs, limit }: Problem, response: Response): void {
  if (retryAfterSecs !== undefined)
    response.set('Retry-After', String(Math.max(1, Math.ceil(retryAfterSecs))));
  if (limit !== undefined) response.set({ 'X-RateLimit-Limit': String(limit), 'X-RateLimit-Remaining': '0' });
}

/** The page has a form of its own: the browser must not put its dialog before it. */
function isPage(fetchDestination: string | undefined): boolean {
  return fetchDestination === 'empty';
}

/** What whoever asked, by this method, is told of an error. */
export function problemOf(error: unknown, method?: string): Problem {
  if (error instanceof Problem) return error;
  if (isDiskFull(error))
    return new Problem(
      'insufficient_storage',
      'the disk is full: nothing was stored; make room, and try again',
      {
        retryAfterSecs: 60,
        cause: error,
      },
    );
  if (error instanceof UnboundedOrder) return new Problem('bad_request', error.message, { cause: error });
  if (error instanceof StoreUnavailable)
    return new Problem('unavailable', awaySentence(error, method), { retryAfterSecs: 1, cause: error });
  switch (bodyErrorType(error)) {
    case 'entity.too.large':
      return new Problem('payload_too_large', 'the body is too large', { cause: error });
    case 'encoding.unsupported':
      return new Problem('unsupported_encoding', "the body's Content-Encoding is not known here", {
        cause: error,
      });
    case 'request.aborted':
    case 'request.size.invalid':
      return new Problem('bad_request', 'the body ended early', { cause: error });
    case 'malformed':
      return new Problem('bad_request', 'the request is malformed', { cause: error });
    default:
      return new Problem('internal', 'the server failed; its log says more', { cause: error });
  }
}

/** A request may have asked for more than what failed. */
function awaySentence(error: StoreUnavailable, method: string | undefined): string {
  if (error instanceof CommitUnknown)
    return 'the store broke off while it stored this: it was taken or it was not; look, or send it again with the same idempotency key';
  return method === 'GET' || method === 'HEAD'
    ? 'the store does not answer: try again'
    : 'the store does not answer: look whether it was done, and try again';
}

/** Errors of the body parser and of the router carry a type and a status below 500. */
function bodyErrorType(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'status' in error && typeof error.status === 'number' && error.status < 500
    ? 'malformed'
    : undefined;
}
