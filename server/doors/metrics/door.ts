import { type Response, Router } from 'express';
import { forAllProjects } from '../../http/allProjects.ts';
import { route } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import { createFigures, type Figures } from './figures.ts';
import { tellFigures, tellProcess } from './tell.ts';
import { contentType, createMetricsText } from './text.ts';

/** `/metrics`: what Prometheus and its like ask for again and again. */
export function metricsDoor(room: Room): Router {
  const router = Router();
  const figures = createFigures(room);
  route(router, '/metrics', {
    get: [
      'stats:read',
      forAllProjects('metrics', (_request, response) => sendMetrics(room, figures, response)),
    ],
  });
  return router;
}

async function sendMetrics(
  room: Room,
  figures: () => Promise<Figures | undefined>,
  response: Response,
): Promise<void> {
  const text = createMetricsText();
  const known = await figures();
  tellProcess(text, room);
  text.value('store_up', {}, known ? 1 : 0);
  if (known) tellFigures(text, known, room.now());
  response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(text.text());
}
