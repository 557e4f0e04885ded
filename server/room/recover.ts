import type { Engine } from '../../builder/steps/engine/engine.ts';
import { findAttempts, sweep } from '../../builder/steps/engine/sweep.ts';
import { holderOf } from '../words/lease.ts';
import type { Attempt } from '../words/run.ts';
import { lost } from '../words/transitions/running.ts';
import { uuid7 } from '../words/uuid7.ts';
import { createLeaseWatch } from './leaseWatch.ts';
import { longestLeaseMs } from './members/longestLease.ts';
import type { Room } from './room.ts';
import { settle } from './settle.ts';

/**
 * What a start owes to the end before it. Where the store is held by one process, attempts that say running are nobody's any
 * more; else those of members that are seen to be dead. Their runs go again or end. What they left on engines is removed when
 * these answer. A container may have gone on: its attempt waits for its engine to answer, to be taken over.
 */
export async function recover(room: Room): Promise<void> {
  const { store, fleet } = room;
  let lostAttempts = 0;
  for (const attempt of await store.read.runningAttempts()) {
    if (store.shared && !fleet.isDead(holderOf(attempt.leaseId))) continue;
    if (await leftToAdopt(room, attempt)) continue;
    if (await loseAttempt(room, attempt, 'the server that ran it is gone')) lostAttempts++;
  }
  if (lostAttempts > 0)
    room.report.warn({ attempts: lostAttempts }, 'attempts of a dead server were closed as lost');
}

/**
 * Ends the lease that nobody can have any more; false for what has no container. Where other processes have the store open, the
 * lease stays as it is: those who reach the container wait for as long as before.
 */
async function leftToAdopt({ store, now }: Room, { id, runId, leaseId }: Attempt): Promise<boolean> {
  if (store.shared) return (await store.read.run(runId))?.kind === 'container';
  return store.write(async (tx) => {
    const run = await tx.run(runId);
    return run?.kind === 'container' && leaseId !== null && (await tx.renewLease(id, leaseId, now()));
  });
}

/** Closes attempts that nobody holds any more. To be called again and again. */
export type Reaper = () => Promise<void>;

/**
 * Closes attempts whose lease nobody renewed, e.g. because their end could not be stored, or their worker is gone: it has
 * stopped its work by then.
 */
export function createReaper(room: Room, monotonicMs?: () => number): Reaper {
  const watch = createLeaseWatch(room.store, monotonicMs);
  return async () => {
    const [ownMs, leases] = [room.policy().leaseMs, await watch.look()];
    for (const lease of leases) {
      if (lease.unchangedMs < ownMs) continue;
      const leaseMs = await longestLeaseMs(room);
      if (lease.unchangedMs < (room.store.shared ? leaseMs : 2 * leaseMs)) continue;
      const attempt = await room.store.read.attempt(lease.id);
      if (!attempt || !isSame(attempt, lease)) continue;
      if (lease.unchangedMs < 2 * leaseMs && (await mayBeAdopted(room, attempt))) continue;
      if (await loseAttempt(room, attempt, 'nobody renewed its lease'))
        room.report.warn({ attempt: lease.id }, 'an attempt without a lease was closed as lost');
    }
  };
}

/** Who reaches its container has time to go on with it. */
async function mayBeAdopted({ store }: Room, { runId }: Attempt): Promise<boolean> {
  return (await store.read.run(runId))?.kind === 'container';
}

/** Unless it has ended, or its lease was renewed, since it was seen: then it gives false. */
async function loseAttempt(room: Room, seen: Attempt, why: string): Promise<boolean> {
  const listed = await takeLease(room, seen);
  if (!listed) return false;
  const lastLine = await closeLog(room, listed, why);
  return settle(room, async (changes) => {
    const { tx, now } = changes;
    const [run, attempt] = [await tx.run(listed.runId), await tx.attempt(listed.id)];
    if (!run || !isStill(listed, attempt)) return false;
    await changes.apply(run, attempt, lost(run, attempt, lastLine, now));
    if (attempt.engine !== null)
      await tx.addLeftover({ engine: attempt.engine, attemptId: attempt.id, createdAt: now });
    return true;
  });
}

/** Of several processes that see the end of a lease one is given the attempt; from there on the others let it be. */
async function takeLease({ store, now, policy }: Room, seen: Attempt): Promise<Attempt | undefined> {
  if (!store.shared) return isStill(seen, await store.read.attempt(seen.id)) ? seen : undefined;
  const [leaseId, leaseExpiresAt] = [uuid7(now()), now() + policy().leaseMs];
  const isOurs = await store.write((tx) => tx.adoptAttempt(seen, leaseId, leaseExpiresAt));
  return isOurs ? { ...seen, leaseId, leaseExpiresAt } : undefined;
}

function isStill(seen: Attempt, attempt: Attempt | undefined): attempt is Attempt {
  return attempt !== undefined && attempt.state === 'running' && isSame(attempt, seen);
}

type Lease = Pick<Attempt, 'leaseId' | 'leaseExpiresAt'>;

function isSame(one: Lease, other: Lease): boolean {
  return one.leaseId === other.leaseId && one.leaseExpiresAt === other.leaseExpiresAt;
}

/** Tells a log that is there why it goes no further. Gives the number of its last line. */
async function closeLog(
  { logs, report }: Room,
  { id, runId, number, leaseId }: Attempt,
  why: string,
): Promise<number | null> {
  const lines = await logs.lineCount(runId);
  if (lines === undefined) return null;
  try {
    const hold = leaseId === null ? {} : { holder: { attemptId: id, leaseId } };
    const log = await logs.write(runId, undefined, hold);
    log.append('system', `attempt ${number} was lost: ${why}\n`);
    await log.end();
    return log.lastLine;
  } catch (error) {
    // Who still writes it says itself that it is lost; a disk that is full must not keep a server from its start.
    report.warn({ attempt: id, error }, 'the log of a lost attempt could not be ended');
    return lines;
  }
}

/**
 * An engine notices late that nobody waits for a build any more: what it makes until then comes after a first sweep. In
 * milliseconds.
 */
const lingerMs = 60_000;

/**
 * Removes what attempts left on an engine that could not be asked when they ended, or whose server died. To be called again
 * and again: a leftover is swept until it is old enough.
 */
export async function sweepLeftovers(
  { store, now }: Pick<Room, 'store' | 'now'>,
  engine: Engine,
): Promise<void> {
  for (const { attemptId, createdAt } of await store.read.leftovers(engine.name)) {
    await sweep(engine, { store: store.id, attempt: attemptId }, { images: true });
    // One of the future was made before the clock was set back.
    if (Math.abs(now() - createdAt) >= lingerMs)
      await store.write((tx) => tx.removeLeftover(engine.name, attemptId));
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
