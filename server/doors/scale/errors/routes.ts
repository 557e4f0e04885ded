import { type Request, type Response, Router } from 'express';
import { pathPart, route } from '../../../http/route.ts';
import { numberOf } from '../answer.ts';
import { sendPage } from '../paging/sendPage.ts';
import { detailOf, errorById, errorNames } from '../present/error.ts';
import { notFound } from '../problems.ts';

/** `/errors/`: the catalogue, which is the same for everybody. */
export function errorRoutes(): Router {
  const router = Router();
  route(router, '/v3/errors/', { get: ['runs:read', sendErrors] });
  route(router, '/v3/errors/:error/', { get: ['runs:read', sendError] });
  return router;
}

function sendErrors(request: Request, response: Response): Promise<void> {
  return sendPage(request, response, {
    count: errorNames.length,
    results: async (offset, limit) => errorNames.slice(offset, offset + limit).map(detailOf),
  });
}

function sendError(request: Request, response: Response): void {
  const name = errorById(numberOf(pathPart(request, 'error')));
  if (name === undefined) throw notFound();
  response.json(detailOf(name));
}
