import express, { type Express, type RequestHandler, type Router } from 'express';
import { originForm } from '../http/originForm.ts';
import { routesOf } from '../http/route.ts';
import { whereItBegins } from '../http/where.ts';
import type { Room } from '../room/room.ts';
import { Problem } from '../words/problems.ts';
import type { AccessRules } from './access.ts';
import { admission, foreignRefused } from './admission.ts';
import { createFullDisk } from './fullDisk.ts';
import { healthRoutes } from './health.ts';
import { problemAnswer } from './problemAnswer.ts';
import { requestLog } from './requestLog.ts';
import { requestTimes } from './requestTimes.ts';
import { securityHeaders } from './securityHeaders.ts';

export interface WorkerAppDeps {
  room: Room;
  rules: AccessRules;
  /** Routes without named parts, for those who were identified. */
  doors: Router[];
}

/** The HTTP side of a process that has engines and takes no requests. */
export function createWorkerApp({ room, rules, doors }: WorkerAppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  const disk = createFullDisk();
  const health = healthRoutes(room, disk);
  app.use(
    originForm(app),
    requestTimes(room.meters),
    requestLog(room.report),
    securityHeaders(),
    whereItBegins(health),
  );
  // Who asks for what is not here is told so, whoever it is.
  const paths = doors.flatMap(routesOf).map(({ path }) => path);
  if (paths.length > 0) app.use(paths, foreignRefused(rules), admission(rules));
  app.use(whereItBegins(...doors), elsewhere, problemAnswer(room.report, disk));
  return app;
}

const elsewhere: RequestHandler = (request) => {
  throw new Problem(
    'not_found',
    `there is nothing at ${request.path}: this is a worker, which builds and takes no requests; ask a server of the same database`,
  );
};
