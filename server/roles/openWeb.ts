import type { Express } from 'express';
import type { Live } from '../app/live/live.ts';
import { createWorkerApp } from '../app/workerApp.ts';
import { metricsDoor } from '../doors/metrics/door.ts';
import type { Configuration } from '../configuration.ts';
import { accessRules, openWeb } from '../openWeb.ts';
import type { Room } from '../room/room.ts';
import { serves } from '../words/member.ts';

/** What a role speaks over HTTP. */
export interface RoleWeb {
  app: Express;
  /** Undefined where there is nothing to follow. */
  live: Live | undefined;
}

/** Everything, or of a worker what its surroundings ask of it: whether it works, and how it is. */
export function openRoleWeb(room: Room, configuration: Configuration, data: string): RoleWeb {
  if (serves(configuration.environment.role)) return openWeb(room, configuration, data);
  const rules = accessRules(room, configuration, data);
  return { app: createWorkerApp({ room, rules, doors: [metricsDoor(room)] }), live: undefined };
}
