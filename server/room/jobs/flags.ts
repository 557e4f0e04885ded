import type { Job } from '../../words/job.ts';
import { Problem } from '../../words/problems.ts';
import type { Room } from '../room.ts';
import { scheduleJob } from './schedule.ts';

/** Enables or disables the jobs that there are among `ids`, and gives them. No version is made. */
export async function setEnabled(room: Room, ids: readonly string[], enabled: boolean): Promise<Job[]> {
  const jobs = await room.store.write(async (tx) => {
    const before = new Map<string, Job>();
    for (const id of ids) {
      const job = await tx.job(id);
      if (job) before.set(id, job);
    }
    const now = room.now();
    const after = await tx.setJobFlags([...before.keys()], { enabled }, now);
    for (const job of after) await scheduleJob(tx, job, before.get(job.id), now);
    return after;
  });
  room.wake();
  return jobs;
}

/** Nothing of a paused job is started. No version is made. Throws a Problem: not_found. */
export async function setPaused(room: Room, jobId: string, paused: boolean): Promise<Job> {
  const [job] = await room.store.write((tx) => tx.setJobFlags([jobId], { paused }, room.now()));
  if (!job) throw new Problem('not_found', 'job not found');
  room.wake();
  return job;
}
