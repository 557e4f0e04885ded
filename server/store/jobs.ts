import type { Job } from '../words/job.ts';
import type { JobChange, JobReads, JobWrites, NewJob } from './contract/jobs.ts';
import { copiesOf, knowBudgets, resetJob } from './limits.ts';
import type { Sql, Transaction } from './sql.ts';
import {
  deleteDependency,
  dependenciesOf,
  dependentsOf,
  insertDependency,
  removeDependencies,
} from './statements/dependencies.ts';
import {
  changeJobRow,
  hiddenJobs,
  hideJob,
  insertJobRow,
  jobById,
  jobByKey,
  jobBySlug,
  jobRows,
  jobsBySlug,
  listJobs,
  removeJobRow,
  setFlags,
} from './statements/jobs.ts';
import {
  insertVersion,
  removeVersions,
  supersededVersions,
  versionById,
  versionByNumber,
} from './statements/jobVersions.ts';
import { removeLinesOfJob } from './statements/lines.ts';
import { removeOriginsOf } from './statements/origins.ts';
import {
  ensureProject,
  lockRevision,
  projectRevision,
  projectsByImageFolder,
} from './statements/projects.ts';
import { forgetStatsOf, hasOpenRun, oldestRuns, removeRuns, renameRunsOf } from './statements/runsOfJob.ts';
import {
  advanceSchedule,
  comingTicks,
  dueTicks,
  nextScheduleAt,
  setSchedule,
} from './statements/schedules.ts';

export function jobReads(sql: Sql): JobReads {
  return {
    job: (id) => jobById(sql, id),
    jobByKey: (key) => jobByKey(sql, key),
    jobRows: (project, page) => jobRows(sql, project, page),
    jobBySlug: (project, slug) => jobBySlug(sql, project, slug),
    jobsBySlug: (slug) => jobsBySlug(sql, slug),
    jobs: (filter, page) => listJobs(sql, filter, page),
    projectsByImageFolder: (folder) => projectsByImageFolder(sql, folder),
    projectRevision: (project) => projectRevision(sql, project),
    jobVersions: (jobId, page) => supersededVersions(sql, jobId, page),
    jobVersion: (jobId, versionId) => versionById(sql, jobId, versionId),
    jobVersionNumber: (jobId, version) => versionByNumber(sql, jobId, version),
    dependencies: (jobId) => dependenciesOf(sql, jobId),
    dependents: (jobId) => dependentsOf(sql, jobId),
    nextScheduleAt: () => nextScheduleAt(sql),
    comingTicks: (after, until, limit) => comingTicks(sql, after, until, limit),
    deletedJobs: (limit) => hiddenJobs(sql, limit),
    oldestRuns: (jobId, limit) => oldestRuns(sql, jobId, limit),
  };
}

export function jobWrites(sql: Transaction): JobWrites {
  return {
    lockRevision: (project, tag) => lockRevision(sql, project, tag),
    ensureJob: async (job) => (await jobBySlug(sql, job.project, job.slug)) ?? known(insertJob(sql, job)),
    insertJob: (job) => insertJob(sql, job),
    changeJob: (before, change) => changeJob(sql, before, change),
    setJobFlags: (ids, flags, now) => setJobFlags(sql, ids, flags, now),
    deleteJob: (jobId, now) => deleteJob(sql, jobId, now),
    removeRuns: (jobId, upToKey) => removeRuns(sql, jobId, upToKey),
    forgetJob: (jobId) => forgetJob(sql, jobId),
    insertDependency: (dependency) => insertDependency(sql, dependency),
    deleteDependency: (jobId, id) => deleteDependency(sql, jobId, id),
    setSchedule: (jobId, nextAt) => setSchedule(sql, jobId, nextAt),
    dueTicks: (now, limit) => dueTicks(sql, now, limit),
    advanceSchedule: (jobId, from, to) => advanceSchedule(sql, jobId, from, to),
  };
}

/** Undefined where the project has that slug already. */
async function insertJob(sql: Sql, job: NewJob): Promise<Job | undefined> {
  const { id, versionId, versionRowId, slug, definition, now } = job;
  await ensureProject(sql, job.project, now);
  const copies = copiesOf({ ...job, paused: false });
  if (!(await insertJobRow(sql, job, copies))) return undefined;
  const version = { id: versionRowId, jobId: id, version: 1, versionId, slug, definition, createdAt: now };
  await insertVersion(sql, version);
  await knowBudgets(sql, job);
  return known(jobById(sql, id));
}

async function changeJob(sql: Sql, before: Job, change: JobChange): Promise<Job | 'stale' | 'slug_taken'> {
  const { slug, definition, versionId, versionRowId, now } = change;
  const holder = await jobBySlug(sql, before.project, slug);
  if (holder && holder.id !== before.id) return 'slug_taken';
  const newest = await jobById(sql, before.id);
  if (newest?.version !== before.version) return 'stale';
  await changeJobRow(sql, newest, change, copiesOf({ ...newest, definition }));
  const version = { jobId: newest.id, version: newest.version + 1, versionId, slug, definition };
  await insertVersion(sql, { ...version, id: versionRowId, createdAt: now });
  if (slug !== newest.slug) await renameRunsOf(sql, newest, slug);
  const job = await known(jobById(sql, newest.id));
  await knowBudgets(sql, job);
  await resetJob(sql, job, now);
  return job;
}

async function setJobFlags(
  sql: Sql,
  ids: readonly string[],
  flags: { enabled?: boolean; paused?: boolean },
  now: number,
): Promise<Job[]> {
  const changed: Job[] = [];
  for (const id of new Set(ids)) {
    const found = await jobById(sql, id);
    if (!found) continue;
    const job = { ...found, ...flags, updatedAt: now };
    await setFlags(sql, job, copiesOf(job).limited, now);
    await resetJob(sql, job, now);
    changed.push(job);
  }
  return changed;
}

async function deleteJob(sql: Sql, jobId: string, now: number): Promise<boolean> {
  const job = await jobById(sql, jobId);
  if (!job || (await hasOpenRun(sql, jobId))) return false;
  await removeLinesOfJob(sql, jobId);
  await removeDependencies(sql, jobId);
  await setSchedule(sql, jobId, null);
  await hideJob(sql, jobId, now);
  return true;
}

async function forgetJob(sql: Sql, jobId: string): Promise<void> {
  await forgetStatsOf(sql, jobId);
  await removeOriginsOf(sql, jobId);
  await removeVersions(sql, jobId);
  await removeJobRow(sql, jobId);
}

async function known(answer: Promise<Job | undefined>): Promise<Job> {
  const job = await answer;
  if (!job) throw new Error('a job that was just written has no row');
  return job;
}
