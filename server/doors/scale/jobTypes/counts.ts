import type { Room } from '../../../room/room.ts';
import type { ExecutionCount } from '../../../store/contract/executions.ts';
import type { Job } from '../../../words/job.ts';
import type { RunState } from '../../../words/run.ts';
import { errorCatalogue, type KnownError } from '../present/errorCatalogue.ts';
import { executionStatus, jobStatus, type JobStatus } from '../present/statuses.ts';

/** How many jobs of a type have a status; of failed ones, whose fault it was. */
export interface StatusCount {
  status: JobStatus;
  count: number;
  most_recent: null;
  category: KnownError['category'] | null;
}

const lostCategory = errorCatalogue['scheduler-lost'].category;
const ofLost: ReadonlySet<RunState> = new Set(['crashed', 'system_failed']);

/** Of the runs that were created since a time those that ended, and what waits and runs now. Reads counters only. */
export async function statusCounts(
  { store, now }: Room,
  { id, key }: Pick<Job, 'id' | 'key'>,
  since: number,
  standing: readonly ExecutionCount[],
): Promise<StatusCount[]> {
  const { byState } = await store.read.jobStats(id, since, now());
  const counts: StatusCount[] = [];
  for (const [state, count] of Object.entries(byState) as [RunState, number][]) {
    const status = jobStatus(state);
    addTo(counts, status, status === 'FAILED' ? categoryOf(state) : null, count);
  }
  for (const { jobKey, state, count } of standing)
    if (jobKey === key && (state === 'queued' || state === 'running'))
      addTo(counts, executionStatus(state), null, count);
  return counts.filter(({ count }) => count > 0);
}

/** By its state alone: that it was lost with its server or engine, or else failed by itself. */
function categoryOf(state: RunState): KnownError['category'] {
  return ofLost.has(state) ? lostCategory : 'ALGORITHM';
}

function addTo(
  counts: StatusCount[],
  status: JobStatus,
  category: StatusCount['category'],
  count: number,
): void {
  const same = counts.find((one) => one.status === status && one.category === category);
  if (same) same.count += count;
  else counts.push({ status, count, most_recent: null, category });
}
