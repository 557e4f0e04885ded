import { Router } from 'express';
import { route } from '../../http/route.ts';
import type { Room } from '../../room/room.ts';
import { sendImages } from './list.ts';
import { sendImage, sendProvenance } from './one.ts';

/** `/images`: what completed builds made. */
export function imagesDoor(room: Room): Router {
  const router = Router();
  route(router, '/images', {
    get: ['runs:read', (request, response) => sendImages(room, request, response)],
  });
  route(router, '/images/:image', {
    get: ['runs:read', (request, response) => sendImage(room, request, response)],
  });
  route(router, '/images/:image/provenance', {
    get: ['runs:read', (request, response) => sendProvenance(room, request, response)],
  });
  return router;
}
