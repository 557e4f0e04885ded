import { before } from '../../config/retentionSchema.ts';
import type { OldRun } from '../../store/contract/retention.ts';
import { removeLogs } from '../jobs/remove.ts';
import { isOver, type Pass } from './pass.ts';

/** Runs that one transaction removes, so that none keeps the others waiting for long. */
const batch = 200;

/** Removes runs that ended too long ago, and those that a job has too many of. */
export async function cleanRuns(pass: Pass): Promise<void> {
  const { maxAgeDays, maxPerJob } = pass.rules.runs;
  const limit = before(maxAgeDays, pass.now);
  if (limit !== undefined) await removeOlder(pass, limit);
  if (maxPerJob > 0) await removeBeyond(pass, maxPerJob);
}

/** From the first run on: what comes behind one that is young enough is younger still. */
async function removeOlder(pass: Pass, limit: number): Promise<void> {
  const why = `it ended more than ${pass.rules.runs.maxAgeDays} days ago`;
  for (let afterKey = 0; !isOver(pass);) {
    const page = await pass.room.store.read.runsByKey({ afterKey, limit: batch });
    const old = page.filter(({ createdAt }) => createdAt < limit);
    const ended = old.filter(({ completedAt }) => completedAt !== null && completedAt < limit);
    await removeRuns(pass, ended, why);
    if (old.length < batch) return;
    afterKey = page.at(-1)?.key ?? 0;
  }
}

async function removeBeyond(pass: Pass, newest: number): Promise<void> {
  const { read } = pass.room.store;
  for (const { project, slug } of await read.crowdedJobs(newest)) {
    const job = await read.jobBySlug(project, slug);
    if (job) await removeBeyondOf(pass, job.id, newest);
  }
}

async function removeBeyondOf(pass: Pass, jobId: string, newest: number): Promise<void> {
  const why = `its job has ${newest} newer ${newest === 1 ? 'one' : 'ones'}`;
  for (let afterKey = 0; !isOver(pass);) {
    const page = await pass.room.store.read.endedRunsBut(jobId, { newest, afterKey, limit: batch });
    await removeRuns(pass, page, why);
    if (page.length < batch) return;
    afterKey = page.at(-1)?.key ?? 0;
  }
}

async function removeRuns(pass: Pass, runs: readonly OldRun[], why: string): Promise<void> {
  const { room, isDryRun } = pass;
  const going: OldRun[] = [];
  for (const run of runs) {
    if (pass.goneRuns.has(run.key)) continue;
    const needed = await pass.needs.ofRun(run);
    if (needed !== undefined) {
      pass.runs.left.add({ ...itemOf(run), bytes: 0, why: needed });
      continue;
    }
    pass.goneRuns.add(run.key);
    going.push(run);
  }
  const sizes = await room.logs.sizes(going.map(({ id }) => id));
  for (const [at, run] of going.entries())
    pass.runs.removed.add({ ...itemOf(run), bytes: sizes[at] ?? 0, why });
  if (isDryRun || going.length === 0) return;
  await removeLogs(room, going);
  await room.store.write((tx) => tx.removeEndedRuns(going.map(({ id }) => id)));
}

export function itemOf({ id, project, slug, completedAt }: OldRun) {
  return { run: id, project, slug, completedAt };
}
