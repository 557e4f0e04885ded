import type { Router } from 'express';
import type { Room } from '../../room/room.ts';
import { errorRoutes } from './errors/routes.ts';
import { createCommands } from './executions/commands.ts';
import { executionRoutes } from './executions/routes.ts';
import { executionShower } from './jobs/executions.ts';
import { jobRoutes } from './jobs/routes.ts';
import { jobTypeRoutes } from './jobTypes/routes.ts';
import { nodeRoutes } from './nodes/routes.ts';
import { queueRoutes } from './queue/routes.ts';
import { statusRoutes } from './status/routes.ts';
import { v6Routes } from './v6/routes.ts';

/** The interface of NGA Scale, versions 3 and 6. Its addresses are what `scalePaths` makes of those that are asked. */
export function scaleDoor(room: Room): Router[] {
  const commands = createCommands(room);
  const show = executionShower(commands);
  return [
    executionRoutes(room, commands, show),
    jobRoutes(room, show),
    queueRoutes(room, show),
    nodeRoutes(room, show),
    jobTypeRoutes(room),
    errorRoutes(),
    statusRoutes(room),
    v6Routes(room, show),
  ];
}
