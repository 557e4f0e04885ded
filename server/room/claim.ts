import type { AttemptClaim } from '../store/contract/runs.ts';
import type { Tx } from '../store/store.ts';
import type { Job } from '../words/job.ts';
import type { Attempt, Run } from '../words/run.ts';
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

/**
 * Takes up to `most` attempts for one place. Each claim and the start of its run are one transaction, and all of these
 * are durable when this resolves.
 */
export async function claim(
  room: Room,
  place: Pick<AttemptClaim, 'place' | 'engine'>,
  most: number,
): Promise<Claimed[]> {
  const claimed = await room.store.write(async (tx) => {
    const now = room.now();
    const lease = { ...place, leaseExpiresAt: now + room.policy().leaseMs };
    const taken: Claimed[] = [];
    while (taken.length < most) {
      const one = await claimOne(tx, lease, now);
      if (!one) break;
      taken.push(one);
    }
    return taken;
  });
  for (const { run } of claimed) room.events.runChanged(run);
  return claimed;
}

async function claimOne(
  tx: Tx,
  place: Omit<AttemptClaim, 'leaseId'>,
  now: number,
): Promise<Claimed | undefined> {
  const leaseId = uuid7(now);
  const attempt = await tx.claimAttempt({ ...place, leaseId }, now);
  if (!attempt) return undefined;
  const run = await tx.run(attempt.runId);
  const job = run && (await tx.job(run.jobId));
  if (!job) throw new Error(`attempt ${attempt.id} has no run or no job`);
  const versioned = await inVersion(tx, job, versionAtClaim(run.jobVersion, job));
  const change = started(run, now, versioned.version);
  if (!(await tx.apply(run, undefined, change, ''))) throw new Error(`run ${run.id} changed under its claim`);
  return { run: { ...run, ...change.run }, attempt, leaseId, job: versioned };
}

async function inVersion(tx: Tx, job: Job, number: number): Promise<Job> {
  if (number === job.version) return job;
  const version = await tx.jobVersionNumber(job.id, number);
  if (!version) throw new Error(`job ${job.id} has no version ${number}`);
  return { ...job, version: number, versionId: version.versionId, definition: version.definition };
}
