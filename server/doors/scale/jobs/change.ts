import type { Request, Response } from 'express';
import { cancel } from '../../../room/cancel.ts';
import { endOf } from '../../../room/endOf.ts';
import type { Room } from '../../../room/room.ts';
import { bodyObject, requiredField } from '../body.ts';
import { badRequest } from '../problems.ts';
import { findRun } from './find.ts';

/** So long an answer waits for the work to stop, in milliseconds: most does, and then it says CANCELED. */
const stopMs = 3000;

/** `PATCH /jobs/{id}/`: the one change that can be asked for is that a job stops. */
export async function cancelJob(room: Room, request: Request, response: Response): Promise<number> {
  const { run } = await findRun(room, request, response);
  const { status: _, ...others } = bodyObject(request);
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    throw badRequest(`Fields do not allow updates: ${unknown.join(', ').slice(0, 500)}`);
  if (requiredField(bodyObject(request), 'status') !== 'CANCELED')
    throw badRequest('Invalid or read-only status. Allowed values: CANCELED');
  await cancel(room, run.id);
  await untilStopped(room, run.id);
  return run.key;
}

/** What takes longer to stop is answered as it is. */
async function untilStopped(room: Room, runId: string): Promise<void> {
  const signal = AbortSignal.any([room.closing.signal, AbortSignal.timeout(stopMs)]);
  await endOf(room, runId, signal).catch(() => undefined);
}
