import type { Request, Response } from 'express';
import { oweTriggers, takeTrigger } from '../../../http/allowance.ts';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import { bulkCancel, bulkReplay, type BulkResult } from '../../../room/runs/bulk.ts';
import { Problem } from '../../../words/problems.ts';
import { isTerminal, type RunState, runStates } from '../../../words/run.ts';
import { authorOf, type Identity } from '../../../words/scopes.ts';
import { bodyObject, checked, mistaken } from '../body.ts';
import { statusOf } from '../present/runWords.ts';
import { cancelAllBody, mostRunIds, runIdsBody } from '../schemas/runRequests.ts';
import { visibleRun } from './findRun.ts';
import { ownerOf } from './list.ts';
import { alreadyOver } from './one.ts';
import { runsJson } from './present.ts';
import { searchOf } from './search.ts';

/** Runs that one request cancels by what they have in common. */
const mostCanceled = 1000;
const openStates: readonly RunState[] = runStates.filter((state) => !isTerminal(state));

/** `POST /v1/runs/bulk-cancel`: each by itself. */
export async function cancelRuns(room: Room, request: Request, response: Response): Promise<void> {
  const results = await eachVisible(room, runIdsOf(request), identityOf(response), (ids) =>
    bulkCancel(room, ids),
  );
  response.json(canceledJson(results));
}

/** `POST /v1/runs/bulk-cancel-all`: those that fit, the newest first. */
export async function cancelFitting(room: Room, request: Request, response: Response): Promise<void> {
  const wanted = checked(cancelAllBody, bodyObject(request));
  const filters = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value) filters.set(name, value);
  if (filters.size === 0) throw mistaken(['at least one filter is required']);
  const project = queryOf(request).get('project_id');
  if (project !== null) filters.set('project_id', project);
  const { states = openStates, ...search } = searchOf(filters);
  const owner = await ownerOf(room, identityOf(response), filters);
  const open = states.filter((state) => openStates.includes(state));
  const { runs, stoppedAt } = owner
    ? await room.store.read.searchRuns({ ...search, ...owner, states: open }, { limit: mostCanceled + 1 })
    : { runs: [] };
  const ids = runs.slice(0, mostCanceled).map(({ id }) => id);
  const hasMore = runs.length > mostCanceled || stoppedAt !== undefined;
  response.json({ ...canceledJson(await bulkCancel(room, ids)), has_more: hasMore });
}

/** `POST /v1/runs/bulk-replay`: the new runs; where some could not be made, these with a sentence each. */
export async function replayRuns(room: Room, request: Request, response: Response): Promise<void> {
  const identity = identityOf(response);
  const ids = runIdsOf(request);
  await takeTrigger(response);
  await oweTriggers(response, ids.length - 1);
  const author = authorOf(identity) ?? undefined;
  const results = await eachVisible(room, ids, identity, (seen) => bulkReplay(room, seen, author));
  const made = results.flatMap((result) => ('run' in result ? [result.run] : []));
  const failed = results.flatMap((result) => ('problem' in result ? [result] : []));
  const [first] = failed;
  if (first && made.length === 0) throw first.problem;
  const runs = await runsJson(room, made);
  const errors = failed.map(({ runId, problem }) => ({ id: runId, error: problem.message }));
  response.json(failed.length === 0 ? runs : { runs, errors, replayed: made.length, total: results.length });
}

/** What is not there for the one who asks is said of each by itself. */
async function eachVisible(
  room: Room,
  ids: readonly string[],
  identity: Identity,
  work: (ids: string[]) => Promise<BulkResult[]>,
): Promise<BulkResult[]> {
  const runs = await Promise.all(ids.map((id) => visibleRun(room, id, identity)));
  const done = await work(runs.flatMap((run) => (run ? [run.id] : [])));
  const byId = new Map(done.map((result) => [result.runId, result]));
  return ids.map((id, index) => {
    const result = byId.get(runs[index]?.id ?? '');
    return result ?? { runId: id, problem: new Problem('not_found', 'run not found') };
  });
}

function runIdsOf(request: Request): string[] {
  const { run_ids, ids = [] } = checked(runIdsBody, bodyObject(request));
  const wanted = [...new Set(run_ids ?? ids)];
  if (wanted.length === 0) throw mistaken(['run_ids is required and must not be empty']);
  if (wanted.length > mostRunIds) throw mistaken([`too many run_ids (max ${mostRunIds})`]);
  return wanted;
}

function canceledJson(results: readonly BulkResult[]): object {
  const shown = results.map((result) => {
    if ('run' in result) return { id: result.runId, status: statusOf(result.run.state), canceled: true };
    const { code, message } = result.problem;
    return { id: result.runId, canceled: false, error: code === 'conflict' ? alreadyOver : message };
  });
  const done = shown.filter(({ canceled }) => canceled).length;
  return { results: shown, total: shown.length, canceled: done, failed: shown.length - done };
}
