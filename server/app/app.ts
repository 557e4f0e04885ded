import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { strangersBody, wholeBody } from '../http/body.ts';
import type { Room } from '../room/room.ts';
import { Problem } from '../words/problems.ts';
import { type AccessRules, isAdmitted, refuseForeign } from './access.ts';
import { healthRoutes } from './health.ts';
import { pageFiles } from './page.ts';
import { problemAnswer, unknownPath } from './problemAnswer.ts';
import { requestLog } from './requestLog.ts';
import { sessionRoutes } from './sessionRoutes.ts';

const bodyLimit = 1024 * 1024;
/** A user name and a password, or a token. */
const sessionBodyLimit = 16 * 1024;
const webhookBodyLimit = 25 * 1024 * 1024;
const webhookBodiesTogether = 4 * webhookBodyLimit;
const webhookPaths = ['/docker-build/github', '/docker-build/travis'];

export interface AppDeps {
  room: Room;
  rules: AccessRules;
  /** Routes that prove their right by a signature in place of a credential. */
  webhooks: Router[];
  doors: Router[];
  /** Folder of the page. */
  pageFolder: string;
}

/** Puts the whole HTTP side together. It neither listens nor reads the environment. */
export function createApp({ room, rules, webhooks, doors, pageFolder }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestLog(room.report), securityHeaders(), healthRoutes(room));
  app.use(webhookPaths, strangersBody(webhookBodyLimit, webhookBodiesTogether));
  app.use(...webhooks, foreignRefused(rules));
  app.use(pageFiles(pageFolder));
  app.use('/session', wholeBody(sessionBodyLimit));
  app.use(sessionRoutes(rules), admission(rules), wholeBody(bodyLimit));
  app.use(...doors, unknownPath, problemAnswer(room.report));
  return app;
}

function foreignRefused(rules: AccessRules): RequestHandler {
  return (request, _response, next) => {
    refuseForeign(request, rules);
    next();
  };
}

function admission(rules: AccessRules): RequestHandler {
  return (request, _response, next) => {
    if (!isAdmitted(request, rules))
      throw new Problem(
        'unauthorized',
        'log in with the user name and password, or send the token as Bearer',
      );
    next();
  };
}

/** Everything comes from this server or not at all; nothing inline; shown in no frame. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // TLS is the proxy's affair: it knows whether the name may be pinned to it.
    strictTransportSecurity: false,
  });
}
