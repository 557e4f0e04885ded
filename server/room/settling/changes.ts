import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import { type Attempt, isTerminal, type Run } from '../../words/run.ts';
import type { Change } from '../../words/transitions/change.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { notify } from '../notify/notification.ts';
import type { Room } from '../room.ts';
import type { Echo } from './dependents.ts';
import { giveWay } from './giveWay.ts';

/** What one transaction does to runs, with all that follows from it there and then. */
export interface Changes {
  readonly room: Room;
  readonly tx: Tx;
  readonly now: number;
  /** Applies a transition. Gives the run as it is then; undefined, with nothing changed, where the caller came late. */
  apply(run: Run, attempt: Attempt | undefined, change: Change): Promise<Run | undefined>;
  /** Notes a run that was inserted. */
  born(run: Run, job: Job): Promise<void>;
  /** The job with its definition in the version that the run is done by. */
  jobOf(run: Run): Promise<Job>;
  /** Spares `jobOf` the question. */
  know(job: Job): void;
}

/** The same, and what is to be done about it. */
export interface Collected extends Changes {
  /** The runs that changed, as they are now. */
  readonly changed: ReadonlyMap<string, Run>;
  /** Runs whose work is to be stopped after the commit. */
  readonly interrupted: readonly string[];
  /** Ended runs that others may have waited for. */
  readonly echoes: Echo[];
}

export function collectChanges(room: Room, tx: Tx, now: number, echoes: Echo[] = []): Collected {
  const changed = new Map<string, Run>();
  const interrupted: string[] = [];
  const jobs = new Map<string, Job>();
  const changes: Collected = { room, tx, now, apply, born, jobOf, know, changed, interrupted, echoes };

  async function apply(run: Run, attempt: Attempt | undefined, change: Change): Promise<Run | undefined> {
    if (!(await tx.apply(run, attempt, change, uuid7(now)))) return undefined;
    const after: Run = { ...run, ...change.run };
    changed.set(run.id, after);
    if (isTerminal(after.state) && !isTerminal(run.state)) await ended(after);
    else if (after.state === 'queued') await giveWay(changes, after);
    else if (after.cancelRequestedAt !== null && run.cancelRequestedAt === null) interrupted.push(run.id);
    return changed.get(run.id);
  }

  async function born(run: Run, job: Job): Promise<void> {
    know(job);
    changed.set(run.id, run);
    if (run.state === 'queued') await giveWay(changes, run);
  }

  async function ended(run: Run): Promise<void> {
    // Only the request of a build may hold a token.
    if (run.kind !== 'http') await tx.deleteSecrets(run.id);
    await notify(room, tx, await jobOf(run), run, now);
    for (const dependency of await tx.dependents(run.jobId))
      echoes.push({ dependency, parent: run, afterKey: 0 });
  }

  async function jobOf(run: Run): Promise<Job> {
    const known = jobs.get(nameOf(run.jobId, run.jobVersion));
    if (known) return known;
    const job = await jobInVersion(tx, run);
    know(job);
    return job;
  }

  function know(job: Job): void {
    jobs.set(nameOf(job.id, job.version), job);
  }

  return changes;
}

function nameOf(jobId: string, version: number): string {
  return `${jobId} ${version}`;
}

async function jobInVersion(tx: Tx, { id, jobId, jobVersion }: Run): Promise<Job> {
  const job = await tx.job(jobId);
  if (!job) throw new Error(`run ${id} has no job`);
  if (job.version === jobVersion) return job;
  const version = await tx.jobVersionNumber(jobId, jobVersion);
  if (!version) throw new Error(`run ${id} has no version ${jobVersion} of its job`);
  return { ...job, version: jobVersion, versionId: version.versionId, definition: version.definition };
}
