import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { runStates } from '../../../words/run.ts';
import { statusOf } from '../present/runWords.ts';
import { namedProject } from '../project.ts';

/** `GET /v1/stats`: how many runs there are of each status, of the project that is named or of all. */
export async function sendStats(room: Room, request: Request, response: Response): Promise<void> {
  const counts = await room.store.read.runCounts(namedProject(identityOf(response), queryOf(request)));
  const byStatus = Object.fromEntries(runStates.map((state) => [statusOf(state), counts[state] ?? 0]));
  const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  response.json({ ...byStatus, queue_depth: byStatus['queued'], total });
}
