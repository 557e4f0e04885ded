import { type Request, Router } from 'express';
import { bodyOf } from '../http/body.ts';
import { sameSecret } from '../http/compare.ts';
import { textAt } from '../http/payload.ts';
import { route } from '../http/route.ts';
import { Problem } from '../words/problems.ts';
import { type AccessRules, isBasic } from './access.ts';

/** Lets the page log in once: the credential comes in a body and goes on as a cookie. */
export function sessionRoutes(rules: AccessRules): Router {
  const router = Router();
  route(router, '/session', {
    post(request, response) {
      if (!isKnown(request, rules))
        throw new Problem('unauthorized', 'the user name and password, or the token, are not right');
      const secure = rules.publicUrl?.protocol === 'https:';
      response.set('Set-Cookie', rules.sessions.open(secure)).status(204).end();
    },
    delete(_request, response) {
      response.set('Set-Cookie', rules.sessions.close()).status(204).end();
    },
  });
  return router;
}

function isKnown(request: Request, { credentials }: AccessRules): boolean {
  const body = jsonOf(request);
  const token = textAt(body, 'token');
  if (token !== undefined) return credentials.token !== undefined && sameSecret(token, credentials.token);
  const pair = `${textAt(body, 'username') ?? ''}:${textAt(body, 'password') ?? ''}`;
  return isBasic(Buffer.from(pair).toString('base64'), credentials);
}

function jsonOf(request: Request): unknown {
  try {
    return JSON.parse(bodyOf(request).toString('utf8'));
  } catch (error) {
    throw new Problem('bad_json', 'the body is not valid JSON', { field: 'body', cause: error });
  }
}
