import type { Attempt } from '../../words/run.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { type Claimed, inVersion } from '../claim.ts';
import type { EngineSeat } from '../engines/seat.ts';
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
  isOurs: (attempt: Attempt) => boolean;
  begin: (held: Held) => void;
}

export function createAdopter(room: Room, { isOurs, begin }: AdopterParts): Adopter {
  const taking = new Set<Promise<void>>();
  let isStopped = false;

  async function adoptAll(seat: EngineSeat): Promise<void> {
    for (const attempt of await room.store.read.runningAttempts()) {
      if (isStopped || attempt.engine !== seat.engine.name || isOurs(attempt)) continue;
      const adopted = await adoptOne(room, attempt);
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

/** Undefined where it is no container's, or somebody holds it. */
async function adoptOne({ store, now, policy, report }: Room, seen: Attempt): Promise<Claimed | undefined> {
  if ((seen.leaseExpiresAt ?? Infinity) > now()) return undefined;
  const adopted = await store.write(async (tx) => {
    const run = await tx.run(seen.runId);
    if (run?.kind !== 'container') return undefined;
    const [leaseId, leaseExpiresAt] = [uuid7(now()), now() + policy().leaseMs];
    if (!(await tx.adoptAttempt(seen, leaseId, leaseExpiresAt))) return undefined;
    const job = await tx.job(run.jobId);
    if (!job) throw new Error(`run ${run.id} has no job`);
    const attempt = { ...seen, leaseId, leaseExpiresAt };
    return { run, attempt, leaseId, job: await inVersion(tx, job, run.jobVersion) };
  });
  if (adopted)
    report.info({ attempt: seen.id, run: seen.runId }, 'the container of an attempt is taken over');
  return adopted;
}
