import type { Request, Response } from 'express';
import { given } from '../../../../builder/model/given.ts';
import { pathPart, queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { numberOf } from '../answer.ts';
import { newestFirst } from '../jobs/executions.ts';
import { findRun } from '../jobs/find.ts';
import { sendPage } from '../paging/sendPage.ts';
import { attemptStatesOf } from '../present/statuses.ts';
import { notFound } from '../problems.ts';
import { filledOf, idsOf } from '../query/values.ts';
import { executionDetailV6, executionJsonV6 } from './execution.ts';

/** `GET /v6/jobs/{id}/executions/`: the newest first. */
export async function sendJobExecutions(room: Room, request: Request, response: Response): Promise<void> {
  const { run } = await findRun(room, request, response);
  const query = queryOf(request);
  const engineKeys = idsOf(query, 'node_id');
  const states = filledOf(query, 'status')?.flatMap(attemptStatesOf);
  const filter = { runId: run.id, ...given({ engineKeys, states }) };
  const { read } = room.store;
  await sendPage(request, response, {
    count: await read.countExecutions(filter),
    results: async (offset, limit) =>
      (await read.executions(filter, newestFirst, { offset, limit })).map(executionJsonV6),
  });
}

/** `GET /v6/jobs/{id}/executions/{exe_num}/` */
export async function sendJobExecution(room: Room, request: Request, response: Response): Promise<void> {
  const { run } = await findRun(room, request, response);
  const number = numberOf(pathPart(request, 'number'));
  const { read } = room.store;
  const attempt = (await read.attempts(run.id)).find((one) => one.number === number);
  const execution = attempt && (await read.execution(attempt.key));
  if (!execution) throw notFound();
  response.json(executionDetailV6(execution, (await read.runBody(run.id)).output));
}
