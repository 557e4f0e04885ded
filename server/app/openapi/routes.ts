import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { route, routesOf } from '../../http/route.ts';

interface Made {
  text: string;
  etag: string;
}

/** `GET /openapi.json`: the document of what is on these routers, and of itself. */
export function openapiRoutes(routers: readonly Router[]): Router {
  const router = Router();
  let made: Promise<Made> | undefined;
  async function send(request: Request, response: Response): Promise<void> {
    made ??= documentOf([...routers, router]);
    const { text, etag } = await made;
    response.set({ ETag: etag, 'Cache-Control': 'no-cache' }).type('json');
    if (request.get('If-None-Match') === etag) response.status(304).end();
    else response.send(text);
  }
  route(router, '/openapi.json', { get: ['public', send] });
  return router;
}

/** What describes the routes is loaded only here: few servers are ever asked for it. */
async function documentOf(routers: readonly Router[]): Promise<Made> {
  const [{ openapiDocument }, { operationGroups }] = await Promise.all([
    import('./document.ts'),
    import('./operations.ts'),
  ]);
  const text = JSON.stringify(openapiDocument(routers.flatMap(routesOf), operationGroups));
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}
