import { type Request, type Response, Router } from 'express';
import { bodyOf } from '../http/body.ts';
import { textAt } from '../http/payload.ts';
import { route } from '../http/route.ts';
import { Problem } from '../words/problems.ts';
import { type AccessRules, type Given, subjectOf } from './access.ts';

/** Lets the page log in once: the credential comes in a body and goes on as a cookie. */
export function sessionRoutes(rules: AccessRules): Router {
  const router = Router();
  route(router, '/session', {
    post: ['public', (request, response) => logIn(rules, request, response)],
    delete: [
      'public',
      (_request, response) => void response.set('Set-Cookie', rules.sessions.close()).status(204).end(),
    ],
  });
  return router;
}

async function logIn(rules: AccessRules, request: Request, response: Response): Promise<void> {
  const subject = await subjectOf(credentialOf(request), request.socket.remoteAddress, rules);
  const secure = rules.publicUrl?.protocol === 'https:';
  response.set('Set-Cookie', rules.sessions.open(subject, secure)).status(204).end();
}

function credentialOf(request: Request): Given {
  const body = jsonOf(request);
  const token = textAt(body, 'token');
  if (token !== undefined) return { token };
  return { pair: `${textAt(body, 'username') ?? ''}:${textAt(body, 'password') ?? ''}` };
}

function jsonOf(request: Request): unknown {
  try {
    return JSON.parse(bodyOf(request).toString('utf8'));
  } catch (error) {
    throw new Problem('bad_json', 'the body is not valid JSON', { field: 'body', cause: error });
  }
}
