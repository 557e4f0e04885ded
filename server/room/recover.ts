import type { Engine } from '../../builder/steps/engine/engine.ts';
import { findAttempts, sweep } from '../../builder/steps/engine/sweep.ts';
import type { Attempt } from '../words/run.ts';
import { lost } from '../words/transitions/running.ts';
import type { Room } from './room.ts';
import { settle } from './settle.ts';

/**
 * What a start owes to the end before it: where the store is held by one process, attempts that say running are
 * nobody's any more, so their runs go again or end. What they left on engines is removed when these answer. A container
 * may have gone on: its attempt waits for its engine to answer, to be taken over.
 */
export async function recover(room: Room): Promise<void> {
  if (room.store.shared) return;
  let lostAttempts = 0;
  for (const attempt of await room.store.read.runningAttempts()) {
    if (await leftToAdopt(room, attempt)) continue;
    await loseAttempt(room, attempt, 'the server that ran it is gone');
    lostAttempts++;
  }
  if (lostAttempts > 0)
    room.report.warn({ attempts: lostAttempts }, 'attempts of a dead server were closed as lost');
}

/** Ends the lease that nobody can have any more; false for what has no container. */
function leftToAdopt({ store, now }: Room, { id, runId, leaseId }: Attempt): Promise<boolean> {
  return store.write(async (tx) => {
    const run = await tx.run(runId);
    return run?.kind === 'container' && leaseId !== null && (await tx.renewLease(id, leaseId, now()));
  });
}

/** Closes attempts that nobody holds any more. To be called again and again. */
export type Reaper = () => Promise<void>;

/**
 * Closes attempts whose lease nobody renewed for twice its length, e.g. because their end could not be stored. Only our
 * own waiting counts, by a clock that never jumps: a lease says when it ends by a clock that may.
 */
export function createReaper(room: Room, monotonicMs = () => performance.now()): Reaper {
  let seen = new Map<string, { leaseExpiresAt: number | null; since: number }>();
  return async () => {
    const now = monotonicMs();
    const limit = now - 2 * room.policy().leaseMs;
    const before = seen;
    seen = new Map();
    for (const attempt of await room.store.read.runningAttempts()) {
      const { id, leaseExpiresAt } = attempt;
      const last = before.get(id);
      const since = last?.leaseExpiresAt === leaseExpiresAt ? last.since : now;
      seen.set(id, { leaseExpiresAt, since });
      if (since > limit) continue;
      await loseAttempt(room, attempt, 'nobody renewed its lease');
      room.report.warn({ attempt: id }, 'an attempt without a lease was closed as lost');
    }
  };
}

/** Unless it has ended, or its lease was renewed, since it was listed. */
async function loseAttempt(room: Room, listed: Attempt, why: string): Promise<void> {
  if (!isStill(listed, await room.store.read.attempt(listed.id))) return;
  const lastLine = await closeLog(room, listed, why);
  await settle(room, async (changes) => {
    const { tx, now } = changes;
    const [run, attempt] = [await tx.run(listed.runId), await tx.attempt(listed.id)];
    if (!run || !isStill(listed, attempt)) return;
    await changes.apply(run, attempt, lost(run, attempt, lastLine, now));
    if (attempt.engine !== null)
      await tx.addLeftover({ engine: attempt.engine, attemptId: attempt.id, createdAt: now });
  });
}

function isStill({ leaseExpiresAt }: Attempt, attempt: Attempt | undefined): attempt is Attempt {
  return attempt?.state === 'running' && attempt.leaseExpiresAt === leaseExpiresAt;
}

/** Tells a log that is there why it goes no further. Gives the number of its last line. */
async function closeLog(
  { logs, report }: Room,
  { id, runId, number }: Attempt,
  why: string,
): Promise<number | null> {
  const lines = await logs.lineCount(runId);
  if (lines === undefined) return null;
  try {
    const log = await logs.write(runId);
    log.append('system', `attempt ${number} was lost: ${why}\n`);
    await log.end();
    return log.lastLine;
  } catch (error) {
    // Who still writes it says itself that it is lost; a disk that is full must not keep a server from its start.
    report.warn({ attempt: id, error }, 'the log of a lost attempt could not be ended');
    return lines;
  }
}

/** Removes what attempts left on an engine that could not be asked when they ended. */
export async function sweepLeftovers(room: Room, engine: Engine): Promise<void> {
  for (const { attemptId } of await room.store.read.leftovers(engine.name)) {
    await sweep(engine, { store: room.store.id, attempt: attemptId }, { images: true });
    await room.store.write((tx) => tx.removeLeftover(engine.name, attemptId));
  }
}

/** Removes containers on an engine that carry our store's mark and belong to no running attempt. */
export async function sweepOrphans(room: Room, engine: Engine): Promise<void> {
  for (const attempt of await findAttempts(engine, room.store.id)) {
    const stored = await room.store.read.attempt(attempt);
    if (stored?.state !== 'running')
      await sweep(engine, { store: room.store.id, attempt }, { images: false });
  }
}
