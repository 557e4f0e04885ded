import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { type Handler, pathPart } from '../../../http/route.ts';
import { type KnownEngine, knownEngines } from '../../../room/engines/known.ts';
import type { Room } from '../../../room/room.ts';
import { seesAll } from '../../../words/scopes.ts';
import { numberOf } from '../answer.ts';
import { notFound } from '../problems.ts';

/** Engines and the server belong to no project: for who sees one project only they are not there. */
export function ofAll(handler: Handler): Handler {
  return (request, response: Response) => {
    if (!seesAll(identityOf(response))) throw notFound();
    return handler(request, response);
  };
}

/** The engine that the path names by its number as `:node`; 404 where there is none. */
export async function findNode(room: Room, request: Request): Promise<KnownEngine> {
  const key = numberOf(pathPart(request, 'node'));
  const found = (await knownEngines(room)).find(({ engine }) => engine.key === key);
  if (!found) throw notFound();
  return found;
}
