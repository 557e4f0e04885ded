import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { pathPart } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { Problem } from '../../../words/problems.ts';
import type { Run } from '../../../words/run.ts';
import { type Identity, sees } from '../../../words/scopes.ts';
import { isUuid } from '../../../words/uuid7.ts';

/** The run that the path names as `:run`; 404 where there is none for the one who asks. */
export async function findRun(room: Room, request: Request, response: Response): Promise<Run> {
  const run = await visibleRun(room, pathPart(request, 'run'), identityOf(response));
  if (!run) throw new Problem('not_found', 'run not found');
  return run;
}

/** The run of this id; undefined where there is none for this identity. */
export async function visibleRun({ store }: Room, id: string, identity: Identity): Promise<Run | undefined> {
  const run = isUuid(id) ? await store.read.run(id.toLowerCase()) : undefined;
  return run && sees(identity, run.project) ? run : undefined;
}
