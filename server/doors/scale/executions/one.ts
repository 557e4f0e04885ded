import type { Request, Response } from 'express';
import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { linkTo } from '../paths.ts';
import { errorDetail } from '../present/error.ts';
import { jobDetail } from '../present/job.ts';
import { nodeDetail } from '../present/node.ts';
import { executionStatus } from '../present/statuses.ts';
import type { Commands } from './commands.ts';
import { findExecution } from './find.ts';
import { manifestJson, resultsJson } from './outcome.ts';
import { executionJson } from './present.ts';
import { environmentJson, scheduledJson } from './scheduled.ts';

/** `GET /job-executions/{id}/` */
export async function sendExecution(
  room: Room,
  commands: Commands,
  request: Request,
  response: Response,
): Promise<void> {
  const execution = await findExecution(room, request, response);
  const [command = ''] = await commands.of([execution]);
  response.json({
    ...executionJson(execution, command),
    ...(await nestedJson(room, execution)),
    environment: environmentJson(execution),
    ...(await scheduledJson(room, execution, await commands.workOf(execution))),
    results: resultsJson(execution, await outputOf(room, execution)),
    ...logLinks(request, execution),
    results_manifest: manifestJson(execution),
  });
}

/** The job, the node and the error with all of their own fields. */
async function nestedJson(room: Room, { attempt, run, engine }: Execution): Promise<object> {
  const listed = await room.store.read.listedRun(run.key);
  const isFailed = executionStatus(attempt.state) === 'FAILED';
  return {
    ...(listed && { job: jobDetail(listed) }),
    node:
      engine &&
      nodeDetail(engine, {
        seat: await room.fleet.engine(engine.name),
        wish: room.wishes.of(engine.name),
        now: room.now(),
      }),
    error: isFailed ? errorDetail(attempt.reason) : null,
  };
}

async function outputOf({ store }: Room, { attempt, run }: Execution): Promise<string | null> {
  return attempt.state === 'succeeded' ? (await store.read.runBody(run.id)).output : null;
}

/** Where its log is, from its start on. */
function logLinks(request: Request, { attempt }: Execution): object {
  const link = (stream: string): string | null =>
    attempt.startedAt === null ? null : linkTo(request, `/job-executions/${attempt.key}/logs/${stream}/`);
  return { current_stdout_url: link('stdout'), current_stderr_url: link('stderr') };
}
