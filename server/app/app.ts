import express, { type Express, type RequestHandler, type Router } from 'express';
import { barbequeEntry, isBarbeque } from '../doors/barbeque/entry.ts';
import { scalePaths } from '../doors/scale/paths.ts';
import { v1Header } from '../doors/v1/header.ts';
import { strangersBody, wholeBody } from '../http/body.ts';
import { originForm } from '../http/originForm.ts';
import { whereItBegins } from '../http/where.ts';
import type { Room } from '../room/room.ts';
import type { AccessRules } from './access.ts';
import { admission, foreignRefused } from './admission.ts';
import { createFullDisk } from './fullDisk.ts';
import { healthRoutes } from './health.ts';
import { openapiRoutes } from './openapi/routes.ts';
import { pageFiles } from './page.ts';
import { problemAnswer, unknownPath } from './problemAnswer.ts';
import { requestLog } from './requestLog.ts';
import { requestTimes } from './requestTimes.ts';
import { securityHeaders } from './securityHeaders.ts';
import { sessionRoutes } from './sessionRoutes.ts';

const bodyLimit = 1024 * 1024;
/** A payload of 5 MiB and what is around it. */
const jobsApiBodyLimit = 6 * 1024 * 1024;
/** A user name and a password, or a token. */
const sessionBodyLimit = 16 * 1024;
const webhookBodyLimit = 25 * 1024 * 1024;
const webhookBodiesTogether = 4 * webhookBodyLimit;
const webhookPaths = ['/docker-build/github', '/docker-build/travis'];
const endpointPath = '/sdk';
const endpointBodiesTogether = 16 * jobsApiBodyLimit;

export interface AppDeps {
  room: Room;
  rules: AccessRules;
  /** Routes that prove their right by a signature in place of a credential. */
  webhooks: Router[];
  /** Routes that are for everybody, or for whoever shows a run's token: no credential is asked for. */
  open: Router[];
  /** Routes for those who were identified. */
  doors: Router[];
  /** Folder of the page. */
  pageFolder: string;
}

/** Puts the whole HTTP side together. It neither listens nor reads the environment. */
export function createApp({ room, rules, webhooks, open, doors, pageFolder }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  const disk = createFullDisk();
  const health = healthRoutes(room, disk);
  const session = sessionRoutes(rules);
  const openapi = openapiRoutes([health, session, ...webhooks, ...open, ...doors]);
  app.use(
    originForm(app),
    barbequeEntry,
    requestTimes(room.meters),
    requestLog(room.report),
    securityHeaders(),
    whereItBegins(health),
  );
  app.use(scalePaths(rules.publicUrl));
  app.use('/v1', unlessBarbeque(v1Header));
  app.use(webhookPaths, strangersBody(webhookBodyLimit, webhookBodiesTogether));
  app.use(whereItBegins(...webhooks), foreignRefused(rules));
  app.use(pageFiles(pageFolder));
  app.use('/session', wholeBody(sessionBodyLimit));
  app.use(endpointPath, strangersBody(jobsApiBodyLimit, endpointBodiesTogether));
  app.use(whereItBegins(session, openapi, ...open), admission(rules));
  app.use(['/v1', '/v2'], wholeBody(jobsApiBodyLimit));
  app.use(wholeBody(bodyLimit), whereItBegins(...doors), unknownPath, problemAnswer(room.report, disk));
  return app;
}

/** Some paths of one interface stand among those of another. */
function unlessBarbeque(handler: RequestHandler): RequestHandler {
  return (request, response, next) => (isBarbeque(request) ? next() : void handler(request, response, next));
}
