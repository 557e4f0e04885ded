import type { HeldAttempt } from '../../store/contract/runs.ts';
import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import { type Attempt, isPart, isTerminal, type Place, placeOf, type Run } from '../../words/run.ts';
import type { Change } from '../../words/transitions/change.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { notify } from '../notify/notification.ts';
import type { Room } from '../room.ts';
import type { Echo } from './dependents.ts';
import { stopChildren } from './children.ts';
import { giveWay } from './giveWay.ts';

/** What one transaction does to runs, with all that follows from it there and then. */
export interface Changes {
  readonly room: Room;
  readonly tx: Tx;
  readonly now: number;
  /** Applies a transition. Gives the run as it is then; undefined, with nothing changed, where the caller came late. */
  apply(run: Run, attempt: Attempt | undefined, change: Change): Promise<Run | undefined>;
  /** The same for what this very transaction was given as held: that cannot come too late. */
  applyHeld(held: HeldAttempt, change: Change): Promise<Run>;
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
  /** What other processes have to hear of. */
  readonly concerns: ReadonlySet<Concern>;
  /** Where runs of these changes were queued for. */
  readonly places: ReadonlySet<Place>;
}

/**
 * There may be something to claim that was not, wherever it waits; runs of these changes are queued or have a time to start at;
 * there is something to tell the outside.
 */
export type Concern = 'claims' | 'starts' | 'outbox';

export function collectChanges(room: Room, tx: Tx, now: number, echoes: Echo[] = []): Collected {
  const changed = new Map<string, Run>();
  const interrupted: string[] = [];
  const jobs = new Map<string, Job>();
  const concerns = new Set<Concern>();
  const places = new Set<Place>();
  const collected = { changed, interrupted, echoes, concerns, places };
  const changes: Collected = { room, tx, now, apply, applyHeld, born, jobOf, know, ...collected };

  async function apply(run: Run, attempt: Attempt | undefined, change: Change): Promise<Run | undefined> {
    if (!(await tx.apply(run, attempt, change, uuid7(now)))) return undefined;
    if (attempt?.state === 'running') concerns.add('claims');
    return follow(run, change);
  }

  async function applyHeld(held: HeldAttempt, change: Change): Promise<Run> {
    await tx.applyHeld(held, change, uuid7(now));
    // Else nothing was held back by it, and who worked on it takes the next one.
    if (held.line.isBound) concerns.add('claims');
    return follow(held.run, change);
  }

  async function follow(run: Run, change: Change): Promise<Run> {
    const after: Run = { ...run, ...change.run };
    changed.set(run.id, after);
    noteStart(after);
    if (isTerminal(after.state) && !isTerminal(run.state)) await ended(after);
    else if (after.state === 'queued') await giveWay(changes, after);
    else if (after.cancelRequestedAt !== null && run.cancelRequestedAt === null) await interrupt(after);
    return changed.get(run.id) ?? after;
  }

  async function born(run: Run, job: Job): Promise<void> {
    know(job);
    changed.set(run.id, run);
    noteStart(run);
    if (run.state === 'queued') await giveWay(changes, run);
  }

  /** By whoever is free for it then. */
  function noteStart(run: Run): void {
    if (run.state === 'queued') places.add(placeOf(run));
    if (run.state === 'queued' || run.state === 'delayed') concerns.add('starts');
  }

  async function interrupt(run: Run): Promise<void> {
    interrupted.push(run.id);
    await stopChildren(changes, run);
  }

  async function ended(run: Run): Promise<void> {
    // Only the request of a build may hold a token.
    const forget = run.kind === 'http' ? undefined : tx.deleteSecrets(run.id);
    await Promise.all([forget, isPart(run) ? undefined : tell(run)]);
    if (run.state !== 'completed') await stopChildren(changes, run);
  }

  async function tell(run: Run): Promise<void> {
    const [dependents] = await Promise.all([
      tx.dependents(run.jobId),
      jobOf(run).then(async (job) => {
        if (await notify(room, tx, job, run, now)) concerns.add('outbox');
      }),
    ]);
    for (const dependency of dependents) echoes.push({ dependency, parent: run, afterKey: 0 });
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
