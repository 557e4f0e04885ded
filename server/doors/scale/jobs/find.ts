import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { ListedRun } from '../../../store/contract/executions.ts';
import { type Identity, sees } from '../../../words/scopes.ts';
import { mostNumber, numberOf } from '../answer.ts';
import { notFound } from '../problems.ts';

/** The run that the path names by its number as `:runKey`; 404 where there is none for the one who asks. */
export async function findRun(room: Room, request: Request, response: Response): Promise<ListedRun> {
  const listed = await visibleRun(room, numberOf(pathPart(request, 'runKey')), identityOf(response));
  if (!listed) throw notFound();
  return listed;
}

/** The run of this number; undefined where there is none for this identity. */
export async function visibleRun(
  { store }: Pick<Room, 'store'>,
  key: number,
  identity: Identity,
): Promise<ListedRun | undefined> {
  const isNumber = key >= 1 && key <= mostNumber;
  const listed = isNumber ? await store.read.listedRun(key) : undefined;
  return listed && sees(identity, listed.run.project) ? listed : undefined;
}
