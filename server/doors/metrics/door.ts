import { type Response, Router } from 'express';
import { identityOf } from '../../http/identity.ts';
import { route } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import { Problem } from '../../words/problems.ts';
import { seesAll } from '../../words/scopes.ts';
import { createFigures, type Figures } from './figures.ts';
import { tellFigures, tellProcess } from './tell.ts';
import { contentType, createMetricsText } from './text.ts';

/** `/metrics`: what Prometheus and its like ask for again and again. */
export function metricsDoor(room: Room): Router {
  const router = Router();
  const figures = createFigures(room);
  route(router, '/metrics', {
    get: ['stats:read', (_request, response) => sendMetrics(room, figures, response)],
  });
  return router;
}

/** They belong to no project: who sees one project only sees none of them. */
async function sendMetrics(
  room: Room,
  figures: () => Promise<Figures | undefined>,
  response: Response,
): Promise<void> {
  if (!seesAll(identityOf(response)))
    throw new Problem('not_found', 'metrics are for keys of all projects only');
  const text = createMetricsText();
  const known = await figures();
  tellProcess(text, room);
  text.value('store_up', {}, known ? 1 : 0);
  if (known) tellFigures(text, known, room.now());
  response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(text.text());
}
