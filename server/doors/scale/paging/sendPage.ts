import type { Request, Response } from 'express';
import { queryOf } from '../../../http/route.ts';
import { addressOf } from '../paths.ts';
import { linksOf } from './links.ts';
import { pageOf } from './page.ts';

export interface Listed {
  /** How many there are in all. */
  count: number;
  /** Those of one page, as they are shown. */
  results(offset: number, limit: number): Promise<readonly object[]>;
}

/** Sends the page of a list that is asked for. Throws a Problem (404) where there is no such page. */
export async function sendPage(
  request: Request,
  response: Response,
  { count, results }: Listed,
): Promise<void> {
  const query = queryOf(request);
  const page = pageOf(query, count);
  const { server, path } = addressOf(request);
  const links = linksOf(server + path, query, page);
  response.json({ count, ...links, results: await results(page.offset, page.limit) });
}
