import type { Response } from 'express';
import { oweTriggers, takeTrigger } from '../../../http/allowance.ts';
import { identityOf } from '../../../http/identity.ts';
import type { Room } from '../../../room/room.ts';
import { replayOf } from '../../../room/runs/replay.ts';
import { submit } from '../../../room/submit/submit.ts';
import type { ListedRun, Order, RunField } from '../../../store/contract/executions.ts';
import { Problem } from '../../../words/problems.ts';
import { isPart, isTerminal, type Run } from '../../../words/run.ts';
import { authorOf } from '../../../words/scopes.ts';
import type { Body } from '../body.ts';
import { jobStatus, runStatesOf } from '../present/statuses.ts';
import { priorityIn, wantedOf } from './wanted.ts';

/** Jobs that one request does again, and that it looks at. */
export const mostRequeued = 100;
const mostLookedAt = 2000;
const pageSize = 500;

const newestFirst: readonly Order<RunField>[] = [{ field: 'key', descending: true }];
const requeueable = [...runStatesOf('FAILED'), ...runStatesOf('CANCELED')];

export function canRequeue({ state, request }: Pick<Run, 'state' | 'request'>): boolean {
  const status = jobStatus(state);
  return (status === 'FAILED' || status === 'CANCELED') && !isPart({ request });
}

/**
 * Does the failed and canceled jobs that a body asks for once more, the newest first, each as a new job. One that is
 * named by its number is left out while its last requeue has not ended; one that is found by a filter where it was
 * requeued at all, so that asking again goes on with those that are left.
 */
export async function requeue(room: Room, body: Body, response: Response): Promise<Run[]> {
  const identity = identityOf(response);
  const { filter, isByNumber } = wantedOf(body, identity, room.now());
  const priority = priorityIn(body);
  // Also where nothing is found: to look for it is work.
  await takeTrigger(response);
  const states = (filter.states ?? requeueable).filter((state) => requeueable.includes(state));
  const found: Run[] = [];
  for (let offset = 0; offset < mostLookedAt && found.length < mostRequeued; offset += pageSize) {
    const page = { offset, limit: pageSize };
    const listed = await room.store.read.listedRuns({ ...filter, states }, newestFirst, page);
    found.push(...(await open(room, listed, isByNumber)));
    if (listed.length < pageSize) break;
  }
  const chosen = found.slice(0, mostRequeued);
  await oweTriggers(response, chosen.length - 1);
  const author = authorOf(identity) ?? undefined;
  const made = await Promise.all(chosen.map((run) => again(room, run, author, priority)));
  return made.filter((run) => run !== undefined);
}

/** One job once more. Throws a Problem. */
export async function requeueOne(room: Room, run: Run, response: Response): Promise<Run> {
  const author = authorOf(identityOf(response)) ?? undefined;
  return (await submit(room, await replayOf(room, run, author))).run;
}

/** Those that may go again. */
async function open({ store }: Room, listed: readonly ListedRun[], isByNumber: boolean): Promise<Run[]> {
  const all = listed.map(async ({ run }) => {
    if (!canRequeue(run)) return undefined;
    const retries = { parentRunId: run.id, triggers: ['retry'] } as const;
    const [last] = (await store.read.searchRuns(retries, { limit: 1 })).runs;
    const isDone = last !== undefined && (!isByNumber || !isTerminal(last.state));
    return isDone ? undefined : run;
  });
  return (await Promise.all(all)).filter((run) => run !== undefined);
}

/** Undefined where it cannot be done any more, e.g. because its type is disabled: many are not refused for one. */
async function again(
  room: Room,
  run: Run,
  author: string | undefined,
  priority: number | undefined,
): Promise<Run | undefined> {
  try {
    const submission = await replayOf(room, run, author);
    return (await submit(room, { ...submission, ...(priority !== undefined && { priority }) })).run;
  } catch (error) {
    if (error instanceof Problem && error.status < 500) return undefined;
    throw error;
  }
}
