import type { ExecutedJob, ListedRun } from '../../../store/contract/executions.ts';
import type { Run } from '../../../words/run.ts';
import { errorBrief, type ErrorBrief } from './error.ts';
import { eventBrief, eventDetail } from './event.ts';
import { jobTypeBrief, type JobTypeBrief, revisionBrief, revisionDetail } from './jobType.ts';
import { jobStatus, type JobStatus } from './statuses.ts';
import { timeOf } from './times.ts';

/** A run as executions nest it. */
export interface JobBrief {
  id: number;
  job_type: JobTypeBrief;
  job_type_rev: { id: number };
  event: { id: number };
  error: ErrorBrief | null;
  status: JobStatus;
  priority: number;
  num_exes: number;
}

/** `attempts` is how many there were so far. */
export function jobBrief(run: Run, job: ExecutedJob, attempts: number): JobBrief {
  const status = jobStatus(run.state);
  return {
    id: run.key,
    job_type: jobTypeBrief(job),
    job_type_rev: revisionBrief(job),
    event: eventBrief(run),
    // While it goes again nothing is said of why.
    error: status === 'FAILED' ? errorBrief(run.reason) : null,
    status,
    priority: priorityOf(run),
    num_exes: attempts,
  };
}

/** A run with all of its own fields, as its list and the details of an execution show it. */
export function jobDetail({ run, job, modifiedAt, attempts, queuedAt }: ListedRun): Record<string, unknown> {
  const modified = timeOf(modifiedAt);
  return {
    ...jobBrief(run, job, attempts),
    job_type_rev: revisionDetail(job),
    event: eventDetail(run),
    timeout: Math.ceil(run.timeoutMs / 1000),
    max_tries: run.maxAttempts,
    cpus_required: null,
    mem_required: null,
    disk_in_required: null,
    disk_out_required: null,
    created: timeOf(run.createdAt),
    queued: timeOf(queuedAt),
    started: timeOf(run.startedAt),
    ended: timeOf(run.completedAt),
    last_status_change: modified,
    last_modified: modified,
  };
}

/** Lower is sooner here: 100 is usual, 0 the most urgent. */
export function priorityOf({ priority }: Pick<Run, 'priority'>): number {
  return 100 - 10 * priority;
}
