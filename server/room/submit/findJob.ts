import { BuildFault } from '../../../builder/model/faults.ts';
import { isSafeRef } from '../../../builder/model/gitRef.ts';
import type { NewJob } from '../../store/contract/jobs.ts';
import type { Tx } from '../../store/store.ts';
import type { ImageDefinition, Job, JobDefinition } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';
import { versionId } from '../../words/versionId.ts';
import { sourceUrlOf } from '../imageSpec.ts';
import type { Policy } from '../room.ts';
import { memberOf, type Payload } from './payload.ts';
import type { Submission } from './submission.ts';
import { invalid } from './wish.ts';

/** The job that is meant, fit to be triggered; an image job that is named is made on first use. Throws a Problem. */
export async function findJob(tx: Tx, submission: Submission, now: number): Promise<Job> {
  if ('id' in submission.job) return triggerable(await tx.job(submission.job.id));
  const { project, slug } = submission.job;
  const made = () => tx.ensureJob(newJob(project, slug, submission, now));
  return buildable((await tx.jobBySlug(project, slug)) ?? (await made()));
}

function newJob(project: string, slug: string, { createdBy }: Submission, now: number): NewJob {
  return {
    id: uuid7(now),
    versionId: versionId(),
    versionRowId: uuid7(now),
    project,
    slug,
    kind: 'image',
    enabled: true,
    definition: imageDefinition(project, slug),
    createdBy: createdBy ?? null,
    now,
  };
}

/** A job by its id, as /v1 knows it: 404 where there is none, 400 where it is disabled. */
export function triggerable(job: Job | undefined): Job {
  if (!job) throw new Problem('not_found', 'job not found');
  if (!job.enabled) throw new Problem('job_disabled', 'job is disabled');
  return job;
}

function buildable(job: Job): Job {
  const name = `${job.project}/${job.slug}`;
  if (job.kind !== 'image') throw new Problem('conflict', `${name} is a ${job.kind} job: it cannot be built`);
  if (!job.enabled) throw new Problem('conflict', `${name} is disabled: enable the job first`);
  return job;
}

function imageDefinition(account: string, repo: string): JobDefinition {
  return { image: { source: { account, repo }, dockerfile: 'Dockerfile' } };
}

/** What an image job is to build, "" for other jobs. Throws a Problem where nobody says it, or git must not be asked. */
export function refOf(
  { definition: { image } }: Job,
  { job, ref }: Submission,
  payload: Payload | undefined,
  policy: Policy,
): string {
  if (!image) return '';
  refuseForbiddenSource(policy, image, 'id' in job ? 'validation_error' : 'field_invalid');
  const wanted = ref ?? refIn(payload) ?? image.ref ?? '';
  if (wanted === '')
    throw invalid('payload.ref', 'payload.ref is missing: name the branch, tag or commit to build');
  if (!isSafeRef(wanted)) throw invalid('payload.ref', 'ref is no name of a branch, tag or commit');
  return wanted;
}

/** Throws a Problem where there is a ref that is no text: what the job builds by itself is not what was meant. */
function refIn(payload: Payload | undefined): string | undefined {
  const ref = memberOf(payload, 'ref') ?? '';
  if (typeof ref !== 'string') throw invalid('payload.ref', 'payload.ref must be a string');
  return ref === '' ? undefined : ref;
}

function refuseForbiddenSource(
  policy: Policy,
  image: ImageDefinition,
  code: 'validation_error' | 'field_invalid',
): void {
  try {
    sourceUrlOf(image, policy);
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    throw new Problem(code, error.message, { field: 'repo', cause: error });
  }
}
