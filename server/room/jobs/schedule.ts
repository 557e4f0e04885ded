import type { Tx } from '../../store/store.ts';
import { nextTick } from '../../words/cron.ts';
import type { Job } from '../../words/job.ts';

/** Keeps the schedule in step with a job that is new or changed; a tick that is due stays where nothing moved it. */
export async function scheduleJob(tx: Tx, job: Job, before: Job | undefined, now: number): Promise<void> {
  if (before && rhythmOf(before) === rhythmOf(job)) return;
  await tx.setSchedule(job.id, tickOf(job, now));
}

function rhythmOf({ enabled, definition: { cron, timezone } }: Job): string {
  return enabled && cron !== undefined ? `${timezone ?? 'UTC'} ${cron}` : '';
}

function tickOf({ enabled, definition: { cron, timezone } }: Job, now: number): number | null {
  return enabled && cron !== undefined ? nextTick(cron, timezone ?? 'UTC', now) : null;
}
