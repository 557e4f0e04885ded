import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import { bulkCancel } from '../../../room/runs/bulk.ts';
import { isTerminal, runStates } from '../../../words/run.ts';
import { bodyObject } from '../body.ts';
import { badRequest } from '../problems.ts';
import { requeue } from '../queue/requeue.ts';
import { filterNames, wantedOf } from '../queue/wanted.ts';

/** Jobs that one request cancels, the newest of those that fit. */
const mostCanceled = 1000;
const openStates = runStates.filter((state) => !isTerminal(state));

/** `POST /v6/jobs/cancel/`: those that fit and have not ended. They stop by and by. */
export async function cancelJobs(room: Room, request: Request, response: Response): Promise<void> {
  const body = bodyObject(request);
  if (!filterNames.some((name) => Object.hasOwn(body, name)))
    throw badRequest(`Say which jobs: at least one of ${filterNames.join(', ')}`);
  const { filter } = wantedOf(body, identityOf(response), room.now());
  const states = (filter.states ?? openStates).filter((state) => openStates.includes(state));
  const order = [{ field: 'key', descending: true }] as const;
  const found = await room.store.read.listedRuns({ ...filter, states }, order, {
    offset: 0,
    limit: mostCanceled,
  });
  await bulkCancel(
    room,
    found.map(({ run }) => run.id),
  );
  response.status(202).end();
}

/** `POST /v6/jobs/requeue/`: as `/queue/requeue-jobs/`, but it says nothing of the new jobs. */
export async function requeueMany(room: Room, request: Request, response: Response): Promise<void> {
  await requeue(room, bodyObject(request), response);
  response.status(202).end();
}
