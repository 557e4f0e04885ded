import type { AttemptClaim, HeldAttempt } from '../store/contract/runs.ts';
import type { Tx } from '../store/store.ts';
import type { Job } from '../words/job.ts';
import { newLeaseId } from '../words/lease.ts';
import { type Attempt, isPart, type Place, placeFor, type Run } from '../words/run.ts';
import { started } from '../words/transitions/running.ts';
import { CommitUnknown } from '../words/storeUnavailable.ts';
import { versionAtClaim } from '../words/versionPolicy.ts';
import { untilAnswered } from './patientRoom.ts';
import type { Room } from './room.ts';

/** An attempt that was taken, and the run that it starts. */
export interface Claimed {
  run: Run;
  attempt: Attempt;
  leaseId: string;
  /** When the lease was asked for, by `performance.now()`. */
  askedAt: number;
  /** As the run does it: version and definition may be older ones. */
  job: Job;
}

/** What is to be taken. */
export interface ClaimWish extends Pick<AttemptClaim, 'place' | 'engine'> {
  /** Of an engine: whether it builds for a platform. The child runs for it go first: somebody waits for them. */
  fits?: (platform: string) => boolean;
  /** Nothing is to begin but these: they belong to what has begun. */
  partsOnly?: boolean;
  /** Called when it is looked for: what others do after that is not seen. */
  onLook?: () => void;
}

/**
 * Takes up to `most` attempts for one place. Each claim and the start of its run are one transaction, and all of these
 * are durable when this resolves. Where their commit broke off it asks until it knows, or `signal` is aborted.
 */
export async function claim(
  room: Room,
  wish: ClaimWish,
  most: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<Claimed[]> {
  let wanted: Claimed[] = [];
  const work = async (tx: Tx): Promise<Claimed[]> => (wanted = await claimIn(room, tx, wish, most));
  // Last of all that is written with it: what a trigger brings meanwhile is taken in the same commit.
  const claimed = await room.store.write(work, { goesLast: true }).catch((error: unknown) => {
    if (error instanceof CommitUnknown) return takenOf(room, wanted, signal);
    throw error;
  });
  for (const { run } of claimed) room.events.runChanged(run);
  return claimed;
}

/** Which of them were taken, where nobody said so: the rest of their leases is nobody else's. */
function takenOf(room: Room, wanted: readonly Claimed[], signal: AbortSignal): Promise<Claimed[]> {
  const { store, report } = room;
  const ask = () =>
    // In its turn, so that what was under way has been committed or not.
    store.write(async (tx) => {
      const now = await Promise.all(wanted.map(({ attempt }) => tx.attempt(attempt.id)));
      return wanted.filter(({ leaseId }, index) => {
        const { state, leaseId: current } = now[index] ?? {};
        return state === 'running' && current === leaseId;
      });
    });
  const either = AbortSignal.any([signal, AbortSignal.timeout(room.policy().leaseMs)]);
  return untilAnswered(ask, { signal: either, report, who: { claimed: wanted.length } });
}

async function claimIn(room: Room, tx: Tx, wish: ClaimWish, most: number): Promise<Claimed[]> {
  wish.onLook?.();
  const [now, askedAt] = [room.now(), performance.now()];
  const lease = { engine: wish.engine, leaseExpiresAt: now + room.policy().leaseMs };
  const places = await placesOf(tx, wish);
  const jobOf = jobsIn(tx);
  const taken: Claimed[] = [];
  while (taken.length < most) {
    const leaseId = newLeaseId(room.fleet.me.id, now);
    const held = await takeIn(tx, { ...lease, leaseId, places }, most - taken.length, now);
    if (held.length === 0) break;
    for (const one of held) taken.push({ ...(await startOne(tx, jobOf, one, now)), leaseId, askedAt });
  }
  return taken;
}

/** Asks for each job once: in one transaction nobody else changes it. */
function jobsIn(tx: Tx): (id: string) => Promise<Job | undefined> {
  const known = new Map<string, Job>();
  return async (id) => {
    const job = known.get(id) ?? (await tx.job(id));
    if (job) known.set(id, job);
    return job;
  };
}

async function placesOf(tx: Tx, { place, fits, partsOnly }: ClaimWish): Promise<Place[]> {
  const waiting = fits ? await tx.waitingPlatforms() : [];
  const fitting = waiting.filter((platform) => fits?.(platform)).map(placeFor);
  return partsOnly ? fitting : [...fitting, place];
}

/** Takes some for the first of the places that has any. */
async function takeIn(
  tx: Tx,
  { places, ...wish }: Omit<AttemptClaim, 'place'> & { places: readonly Place[] },
  most: number,
  now: number,
): Promise<HeldAttempt[]> {
  let held: HeldAttempt[] = [];
  for (const place of places)
    if (held.length === 0) held = await tx.claimAttempts({ ...wish, place }, most, now);
  return held;
}

async function startOne(
  tx: Tx,
  jobOf: (id: string) => Promise<Job | undefined>,
  held: HeldAttempt,
  now: number,
): Promise<Pick<Claimed, 'run' | 'attempt' | 'job'>> {
  const { attempt, run } = held;
  const job = await jobOf(run.jobId);
  if (!job) throw new Error(`run ${run.id} has no job`);
  // A child run is a part of what its parent has begun.
  const version = isPart(run) ? run.jobVersion : versionAtClaim(run.jobVersion, job);
  const versioned = await inVersion(tx, job, version);
  const change = started(run, now, versioned.version);
  await tx.applyHeld(held, change, '');
  return { run: { ...run, ...change.run }, attempt, job: versioned };
}

/** The job as a run does it that has one of its versions. */
export async function inVersion(tx: Tx, job: Job, number: number): Promise<Job> {
  if (number === job.version) return job;
  const version = await tx.jobVersionNumber(job.id, number);
  if (!version) throw new Error(`job ${job.id} has no version ${number}`);
  return { ...job, version: number, versionId: version.versionId, definition: version.definition };
}
