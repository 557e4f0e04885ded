import type { Express, Request, RequestHandler } from 'express';

/** What a request target has before its path where it is a whole address. */
const addressBefore = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * Makes the path of a target that is a whole address, and has the app look at the request anew: Express remembers where
 * the path of a target began, so that a path that is rewritten later would become another one. To be asked before
 * everything else.
 */
export function originForm(app: Express): RequestHandler {
  return (request: Request, response, next) => {
    if (request.url.startsWith('/')) return next();
    const rest = request.url.replace(addressBefore, '');
    if (rest === request.url) return next();
    const url = rest.startsWith('/') ? rest : `/${rest}`;
    request.url = url;
    request.originalUrl = url;
    app(request, response);
  };
}
