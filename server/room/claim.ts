import type { AttemptClaim, HeldAttempt } from '../store/contract/runs.ts';
import type { Tx } from '../store/store.ts';
import type { Job } from '../words/job.ts';
import { type Attempt, isPart, type Place, placeFor, type Run } from '../words/run.ts';
import { started } from '../words/transitions/running.ts';
import { uuid7 } from '../words/uuid7.ts';
import { versionAtClaim } from '../words/versionPolicy.ts';
import type { Room } from './room.ts';

/** An attempt that was taken, and the run that it starts. */
export interface Claimed {
  run: Run;
  attempt: Attempt;
  leaseId: string;
  /** As the run does it: version and definition may be older ones. */
  job: Job;
}

/** What is to be taken. */
export interface ClaimWish extends Pick<AttemptClaim, 'place' | 'engine'> {
  /** Of an engine: whether it builds for a platform. The child runs for it go first: somebody waits for them. */
  fits?: (platform: string) => boolean;
  /** Nothing is to begin but these: they belong to what has begun. */
  partsOnly?: boolean;
}

/**
 * Takes up to `most` attempts for one place. Each claim and the start of its run are one transaction, and all of these
 * are durable when this resolves.
 */
export async function claim(room: Room, wish: ClaimWish, most: number): Promise<Claimed[]> {
  // Last of all that is written with it: what a trigger brings meanwhile is taken in the same commit.
  const claimed = await room.store.write((tx) => claimIn(room, tx, wish, most), { goesLast: true });
  for (const { run } of claimed) room.events.runChanged(run);
  return claimed;
}

async function claimIn(room: Room, tx: Tx, wish: ClaimWish, most: number): Promise<Claimed[]> {
  const now = room.now();
  const lease = { engine: wish.engine, leaseExpiresAt: now + room.policy().leaseMs };
  const places = await placesOf(tx, wish);
  const jobOf = jobsIn(tx);
  const taken: Claimed[] = [];
  while (taken.length < most) {
    const one = await claimOne(tx, jobOf, { ...lease, places }, now);
    if (!one) break;
    taken.push(one);
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

async function claimOne(
  tx: Tx,
  jobOf: (id: string) => Promise<Job | undefined>,
  { places, ...lease }: Omit<AttemptClaim, 'leaseId' | 'place'> & { places: readonly Place[] },
  now: number,
): Promise<Claimed | undefined> {
  const leaseId = uuid7(now);
  let held: HeldAttempt | undefined;
  for (const place of places) held ??= await tx.claimAttempt({ ...lease, place, leaseId }, now);
  if (!held) return undefined;
  const { attempt, run } = held;
  const job = await jobOf(run.jobId);
  if (!job) throw new Error(`run ${run.id} has no job`);
  // A child run is a part of what its parent has begun.
  const version = isPart(run) ? run.jobVersion : versionAtClaim(run.jobVersion, job);
  const versioned = await inVersion(tx, job, version);
  const change = started(run, now, versioned.version);
  await tx.applyHeld(held, change, '');
  return { run: { ...run, ...change.run }, attempt, leaseId, job: versioned };
}

/** The job as a run does it that has one of its versions. */
export async function inVersion(tx: Tx, job: Job, number: number): Promise<Job> {
  if (number === job.version) return job;
  const version = await tx.jobVersionNumber(job.id, number);
  if (!version) throw new Error(`job ${job.id} has no version ${number}`);
  return { ...job, version: number, versionId: version.versionId, definition: version.definition };
}
