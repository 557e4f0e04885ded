import { holderOf, newLeaseId } from '../../words/lease.ts';
import type { Attempt } from '../../words/run.ts';
import { type Claimed, inVersion } from '../claim.ts';
import type { EngineSeat } from '../engines/seat.ts';
import { isGivenUp } from '../lease.ts';
import { createLeaseWatch, type WatchedLease } from '../leaseWatch.ts';
import { longestLeaseMs } from '../members/longestLease.ts';
import type { Room } from '../room.ts';
import type { Held } from '../worker.ts';

/** Goes on with containers whose attempts nobody holds any more. */
export interface Adopter {
  /** Takes those on an engine, each under a new lease, also beside its places: the containers may still be there. */
  adopt(seat: EngineSeat): Promise<void>;
  /** Takes nothing more; resolves when what was being taken has begun. */
  stop(): Promise<void>;
}

export interface AdopterParts {
  /** Whether this process works on it: then its lease is no matter of others. */
  isOurs: (attempt: Pick<Attempt, 'id'>) => boolean;
  begin: (held: Omit<Held, 'patience'>) => void;
}

export function createAdopter(room: Room, { isOurs, begin }: AdopterParts): Adopter {
  const taking = new Set<Promise<void>>();
  const watch = createLeaseWatch(room.store);
  let isStopped = false;

  async function adoptAll(seat: EngineSeat): Promise<void> {
    for (const lease of await watch.look()) {
      if (isStopped || lease.engine !== seat.engine.name || isOurs(lease)) continue;
      if (!(await isOver(room, lease))) continue;
      const adopted = await adoptOne(room, lease);
      if (!adopted) continue;
      const leave = room.engines.reserve(seat).enter();
      begin({ ...adopted, isTakenOver: true, seat: { place: 'engine', seat, leave } });
    }
  }

  return {
    async adopt(seat) {
      const all = adoptAll(seat);
      taking.add(all);
      await all.finally(() => taking.delete(all));
    },
    async stop() {
      isStopped = true;
      await Promise.allSettled(taking);
    },
  };
}

/**
 * In the one process of its store nobody else could have renewed it; else nobody did for as long as it may last, or nobody is
 * there who could.
 */
async function isOver(room: Room, lease: WatchedLease): Promise<boolean> {
  if (!room.store.shared) return lease.leaseExpiresAt <= room.now();
  if (isGivenUp(lease) || room.fleet.isDead(holderOf(lease.leaseId))) return true;
  return lease.unchangedMs >= room.policy().leaseMs && lease.unchangedMs >= (await longestLeaseMs(room));
}

/** Undefined where it is no container's, or somebody holds it. */
async function adoptOne(
  { store, fleet, now, policy, report }: Room,
  lease: WatchedLease,
): Promise<Claimed | undefined> {
  const askedAt = performance.now();
  const adopted = await store.write(async (tx) => {
    const seen = await tx.attempt(lease.id);
    if (seen?.leaseId !== lease.leaseId || seen.leaseExpiresAt !== lease.leaseExpiresAt) return undefined;
    const run = await tx.run(seen.runId);
    if (run?.kind !== 'container') return undefined;
    const [leaseId, leaseExpiresAt] = [newLeaseId(fleet.me.id, now()), now() + policy().leaseMs];
    if (!(await tx.adoptAttempt(seen, leaseId, leaseExpiresAt))) return undefined;
    const job = await tx.job(run.jobId);
    if (!job) throw new Error(`run ${run.id} has no job`);
    const attempt = { ...seen, leaseId, leaseExpiresAt };
    return { run, attempt, leaseId, askedAt, job: await inVersion(tx, job, run.jobVersion) };
  });
  if (adopted)
    report.info({ attempt: lease.id, run: adopted.run.id }, 'the container of an attempt is taken over');
  return adopted;
}
