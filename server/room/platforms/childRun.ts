import { BuildFault } from '../../../builder/model/faults.ts';
import type { NewRun } from '../../store/contract/runs.ts';
import type { Job } from '../../words/job.ts';
import { isTerminal, type Part, type Run } from '../../words/run.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Claimed } from '../claim.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';

export interface ChildWish {
  part: Part;
  commit: string;
  branch: string | undefined;
  /** Lets git read the repository. */
  token: string | undefined;
}

/**
 * The child run that builds a part of what an attempt builds: one of an earlier attempt of the same run, where it has not
 * failed, else a new one. Limits were kept by the parent, which waits for it: none holds it back.
 * @throws BuildFault `lost` or `canceled` where the attempt has no right to one any more
 */
export function childRun(room: Room, held: Pick<Claimed, 'attempt' | 'job'>, wish: ChildWish): Promise<Run> {
  return settle(room, async (changes) => {
    const { tx, now } = changes;
    const known = await tx.heldAttempt(held.attempt);
    if (!known) throw new BuildFault('lost', 'another worker holds the attempt');
    // Whoever canceled the run has stopped the children that there were.
    if (known.run.cancelRequestedAt !== null) throw new BuildFault('canceled', 'canceled on request');
    const { part, commit } = wish;
    const children = await tx.childRuns(known.run.id);
    const before = children.findLast((one) => isSame(one, commit, part) && isStillGood(one));
    if (before) return before;
    const child = await tx.insertRun(newChild(known.run, held.job, wish, now));
    if (wish.token !== undefined)
      await tx.setSecret(child.id, 'api_token', room.sealer.seal(wish.token, child.id));
    await changes.born(child, held.job);
    return child;
  });
}

/** The platforms of an image that an earlier attempt of a run has had built, or that are being built. */
export async function platformsBegun(
  { store }: Pick<Room, 'store'>,
  runId: string,
  image: string,
  commit: string,
): Promise<Set<string>> {
  const children = (await store.read.childRuns(runId)).filter(isStillGood);
  const parts = children.flatMap(({ ref, request: { part } }) => (part && ref === commit ? [part] : []));
  return new Set(parts.filter((part) => part.image === image).map(({ platform }) => platform));
}

function isSame({ ref, request }: Run, commit: string, { image, platform }: Part): boolean {
  return ref === commit && request.part?.image === image && request.part.platform === platform;
}

function isStillGood({ state, cancelRequestedAt }: Run): boolean {
  return state === 'completed' || (!isTerminal(state) && cancelRequestedAt === null);
}

function newChild(
  { id, queue, priority, trigger, request, maxAttempts, timeoutMs, lineageDepth, tags, createdBy }: Run,
  job: Job,
  { part, commit, branch }: ChildWish,
  now: number,
): NewRun {
  return {
    id: uuid7(now),
    job,
    state: 'queued',
    queue,
    priority,
    trigger,
    ref: commit,
    request: { ...request, ...(branch !== undefined && { branch }), part },
    maxAttempts,
    timeoutMs,
    createdAt: now,
    attemptId: uuid7(now),
    parentRunId: id,
    lineageDepth: lineageDepth + 1,
    tags,
    ...(createdBy !== null && { createdBy }),
  };
}
