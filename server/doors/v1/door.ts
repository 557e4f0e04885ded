import type { Router } from 'express';
import type { Room } from '../../room/room.ts';
import { jobRoutes } from './jobs/routes.ts';
import { apiKeyRoutes } from './keys/routes.ts';
import { runRoutes } from './runs/routes.ts';
import { triggerRoutes } from './runs/triggerRoutes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** The jobs API. What is asked of a caller stands beside each route. */
export function v1Door(room: Room): Router[] {
  return [triggerRoutes(room), runRoutes(room), jobRoutes(room), webhookRoutes(room), apiKeyRoutes(room)];
}
