import { BuildFault } from '../../builder/model/faults.ts';
import type { Tx } from '../store/store.ts';
import type { Job, JobDefinition } from '../words/job.ts';
import { Problem } from '../words/problems.ts';
import type { Run, RunRequest, Trigger } from '../words/run.ts';
import { uuid7 } from '../words/uuid7.ts';
import { versionId } from '../words/versionId.ts';
import type { Policy, Room } from './room.ts';

export interface Submission {
  project: string;
  slug: string;
  ref: string;
  trigger: Trigger;
  request: RunRequest;
  /** Lets git read the repository; kept sealed until the run's end. */
  token?: string;
  /** Names a webhook delivery: the same one twice makes one run. */
  delivery?: { source: string; id: string };
}

export interface Submitted {
  run: Run;
  /** True where the delivery was seen before and `run` is the first one's. */
  repeated: boolean;
}

/** The one way in which a run begins. It is on disk when this resolves. Throws a Problem. */
export async function submit(room: Room, submission: Submission): Promise<Submitted> {
  const now = room.now();
  const policy = room.policy();
  refuseForbiddenSource(policy, submission);
  const submitted = await room.store.write(async (tx) => {
    const runId = uuid7(now);
    const first = await firstOfDelivery(tx, submission, runId, now);
    if (first) return { run: first, repeated: true };
    const job = await tx.ensureJob(newJob(submission, now));
    refuseUnfitJob(job);
    const run = await tx.insertRun({ ...newRun(runId, submission, now), ...limitsOf(job, policy), job });
    if (submission.token) await tx.setSecret(run.id, 'api_token', room.sealer.seal(submission.token, run.id));
    return { run, repeated: false };
  });
  if (!submitted.repeated) {
    room.events.runChanged(submitted.run);
    room.wake();
  }
  return submitted;
}

function refuseForbiddenSource(policy: Policy, { project, slug }: Submission): void {
  try {
    policy.sourceUrl(project, slug);
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    throw new Problem('field_invalid', error.message, { field: 'repo', cause: error });
  }
}

async function firstOfDelivery(
  tx: Tx,
  submission: Submission,
  runId: string,
  now: number,
): Promise<Run | undefined> {
  if (!submission.delivery) return undefined;
  const { source, id } = submission.delivery;
  const firstRunId = await tx.recordDelivery(source, id, runId, now);
  return firstRunId === undefined ? undefined : tx.run(firstRunId);
}

function refuseUnfitJob(job: Job): void {
  const name = `${job.project}/${job.slug}`;
  if (job.kind !== 'image') throw new Problem('conflict', `${name} is a ${job.kind} job: it cannot be built`);
  if (!job.enabled) throw new Problem('conflict', `${name} is disabled: enable the job first`);
}

function newJob({ project, slug }: Submission, now: number) {
  const definition: JobDefinition = {
    image: { source: { account: project, repo: slug }, dockerfile: 'Dockerfile' },
  };
  return { id: uuid7(now), versionId: versionId(), project, slug, kind: 'image' as const, definition, now };
}

function newRun(id: string, { ref, trigger, request }: Submission, createdAt: number) {
  return { id, queue: 'default', priority: 0, trigger, ref, request, createdAt, attemptId: uuid7(createdAt) };
}

function limitsOf({ definition }: Job, policy: Policy) {
  const { maxAttempts = policy.maxAttempts, timeoutSecs = policy.timeoutSecs } = definition;
  return { maxAttempts, timeoutMs: timeoutSecs * 1000 };
}
