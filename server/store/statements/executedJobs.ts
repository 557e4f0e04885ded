import type { JobDefinition } from '../../words/job.ts';
import type { Run } from '../../words/run.ts';
import type { ExecutedJob, ExecutedOn } from '../contract/executions.ts';
import { integer, json, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';
import { jobHeadOf } from './jobs.ts';

const select = `SELECT j.key, j.id, j.project, j.slug, j.kind, j.enabled, j.paused, j.created_by, v.version,
    v.key AS version_key, v.definition
  FROM jobs j JOIN job_versions v ON v.job_id = j.id`;
const inVersion = statement(`${select} WHERE v.job_id = $1 AND v.version = $2`);
const engines = statement('SELECT key, name, created_at FROM engines ORDER BY name');

/** What a run does: its job in its version. */
export type Doing = Pick<Run, 'jobId' | 'jobVersion'>;

/** Gives the job that each of some runs does; an error where one of them has none. */
export async function executedJobs(sql: Sql, runs: readonly Doing[]): Promise<(run: Doing) => ExecutedJob> {
  const asked = new Map(runs.map((run) => [nameOf(run), run]));
  const rows = await Promise.all(
    Array.from(asked, async ([name, { jobId, jobVersion }]) => {
      const row = await sql.get(inVersion, [jobId, jobVersion]);
      if (!row) throw new Error(`the job ${jobId} has no version ${jobVersion}`);
      return [name, executedJobOf(row)] as const;
    }),
  );
  const jobs = new Map(rows);
  return (run) => {
    const job = jobs.get(nameOf(run));
    if (!job) throw new Error(`the job ${run.jobId} was not asked for`);
    return job;
  };
}

function nameOf({ jobId, jobVersion }: Doing): string {
  return `${jobId} ${jobVersion}`;
}

/** By their names. */
export async function knownEngines(sql: Sql): Promise<ExecutedOn[]> {
  return (await sql.all(engines, [])).map((row) => ({
    key: integer(row, 'key'),
    name: text(row, 'name'),
    createdAt: integer(row, 'created_at'),
  }));
}

function executedJobOf(row: Row): ExecutedJob {
  const { name, description } = json(row, 'definition') as JobDefinition;
  return {
    ...jobHeadOf(row),
    versionKey: integer(row, 'version_key'),
    name,
    description,
    createdBy: textOrNull(row, 'created_by'),
  };
}
