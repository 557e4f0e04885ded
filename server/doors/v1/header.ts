import type { RequestHandler } from 'express';

/** Every answer of this door says which version it speaks, refusals too. */
export const v1Header: RequestHandler = (_request, response, next) => {
  response.set('X-API-Version', 'v1');
  next();
};
