import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { route, routesOf } from '../../http/route.ts';
import { openapiDocument } from './document.ts';
import { operationGroups } from './operations.ts';

/** `GET /openapi.json`: the document of what is on these routers, and of itself. */
export function openapiRoutes(routers: readonly Router[]): Router {
  const router = Router();
  let made: { text: string; etag: string } | undefined;
  function send(request: Request, response: Response): void {
    made ??= documentOf([...routers, router]);
    response.set({ ETag: made.etag, 'Cache-Control': 'no-cache' }).type('json');
    if (request.get('If-None-Match') === made.etag) response.status(304).end();
    else response.send(made.text);
  }
  route(router, '/openapi.json', { get: ['public', send] });
  return router;
}

function documentOf(routers: readonly Router[]): { text: string; etag: string } {
  const text = JSON.stringify(openapiDocument(routers.flatMap(routesOf), operationGroups));
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}
