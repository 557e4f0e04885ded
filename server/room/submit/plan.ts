import { concernOf, dependencyKeyName, isMet } from '../../words/dependencies.ts';
import type { Reads } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import type { Run, Trigger } from '../../words/run.ts';
import { attemptTimeoutMs, earliestStart, expiryOf } from '../../words/timing.ts';
import type { Policy } from '../room.ts';
import { type Payload, textIn } from './payload.ts';
import type { Submission } from './submission.ts';
import { invalid } from './wish.ts';

/** When a new run may start, and how long it has for that. */
export interface Plan {
  state: 'queued' | 'delayed' | 'waiting';
  /** Where it is not at once. */
  scheduledAt: number | undefined;
  expiresAt: number | undefined;
  timeoutMs: number;
  metadata: Record<string, string>;
}

/** Tells what a new run would have to wait for. */
export type DependencyReads = Pick<Reads, 'dependencies' | 'newestEndedRun'>;

/** Requests that come again and again are held together for a while; ticks and retries are each meant. */
export function isOwnWish(trigger: Trigger): boolean {
  return trigger !== 'cron' && trigger !== 'retry';
}

/** Milliseconds for which a trigger is held back, so that the next one can take its place; 0 where none can. */
export function debounceMs({ definition }: Job, { trigger }: Submission): number {
  return isOwnWish(trigger) ? (definition.debounceWindowSecs ?? 0) * 1000 : 0;
}

/** What a new run of a job would begin with. Throws a Problem where its execution window cannot be read. */
export async function planOf(
  read: DependencyReads,
  job: Job,
  submission: Submission,
  payload: Payload | undefined,
  { policy, now }: { policy: Policy; now: number },
): Promise<Plan> {
  const { kind, definition } = job;
  const metadata = metadataOf(job, submission, payload);
  const wanted = Math.max(now + debounceMs(job, submission), submission.scheduledAt ?? now);
  const startAt = earliestStart(definition, wanted);
  if (startAt === undefined)
    throw invalid('timezone', `the job's timezone ${definition.timezone} is not known`);
  const linked = { idempotencyKey: submission.idempotencyKey ?? null, metadata };
  const waits = !(await dependenciesAreMet(read, job, linked));
  const timeoutMs = attemptTimeoutMs(kind, definition, policy.timeoutSecs);
  const expiring = { kind, definition, ttlSecs: submission.ttlSecs, timeoutMs, waits };
  return {
    state: waits ? 'waiting' : startAt > now ? 'delayed' : 'queued',
    scheduledAt: startAt > now ? startAt : undefined,
    expiresAt: expiryOf(expiring, startAt),
    timeoutMs,
    metadata,
  };
}

function metadataOf(
  { definition }: Job,
  { metadata }: Submission,
  payload: Payload | undefined,
): Record<string, string> {
  const dependencyKey = textIn(payload, dependencyKeyName);
  return {
    ...definition.defaultRunMetadata,
    ...(dependencyKey !== undefined && { [dependencyKeyName]: dependencyKey }),
    ...metadata,
  };
}

async function dependenciesAreMet(
  read: DependencyReads,
  job: Job,
  run: Pick<Run, 'idempotencyKey' | 'metadata'>,
): Promise<boolean> {
  for (const { condition, dependsOnJobId } of await read.dependencies(job.id)) {
    const newest = await read.newestEndedRun(dependsOnJobId, concernOf(run));
    if (!newest || !isMet(condition, newest.state)) return false;
  }
  return true;
}
