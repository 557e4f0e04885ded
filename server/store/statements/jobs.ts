import type { Job, JobDefinition } from '../../words/job.ts';
import { integer, json, oneOf, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const kinds = ['image', 'container', 'http'] as const;

const select = `SELECT j.key, j.id, j.project, j.slug, j.kind, j.enabled, j.version, j.created_at, j.updated_at,
    v.version_id, v.definition
  FROM jobs j JOIN job_versions v ON v.job_id = j.id AND v.version = j.version`;

const byId = statement(`${select} WHERE j.id = $1`);
const bySlug = statement(`${select} WHERE j.project = $1 AND j.slug = $2`);
const insert = statement(`INSERT INTO jobs (id, project, slug, kind, enabled, version, created_at, updated_at)
  VALUES ($1, $2, $3, $4, 1, 1, $5, $5) ON CONFLICT (project, slug) DO NOTHING`);
const insertVersion =
  statement(`INSERT INTO job_versions (job_id, version, version_id, definition, created_at)
  VALUES ($1, $2, $3, $4, $5)`);

export async function jobById(sql: Sql, id: string): Promise<Job | undefined> {
  const row = await sql.get(byId, [id]);
  return row && jobOf(row);
}

export async function jobBySlug(sql: Sql, project: string, slug: string): Promise<Job | undefined> {
  const row = await sql.get(bySlug, [project, slug]);
  return row && jobOf(row);
}

export type FirstVersion = Pick<
  Job,
  'id' | 'versionId' | 'project' | 'slug' | 'kind' | 'definition' | 'createdAt'
>;

/** Inserts the job as its version 1; does nothing where its project has that slug already. */
export async function insertJob(sql: Sql, job: FirstVersion): Promise<void> {
  const made = await sql.run(insert, [job.id, job.project, job.slug, job.kind, job.createdAt]);
  if (made === 0) return;
  await sql.run(insertVersion, [job.id, 1, job.versionId, JSON.stringify(job.definition), job.createdAt]);
}

function jobOf(row: Row): Job {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    kind: oneOf(kinds, row, 'kind'),
    enabled: integer(row, 'enabled') === 1,
    version: integer(row, 'version'),
    versionId: text(row, 'version_id'),
    definition: json(row, 'definition') as JobDefinition,
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  };
}
