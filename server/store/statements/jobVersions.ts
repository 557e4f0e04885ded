import type { JobDefinition, JobVersion } from '../../words/job.ts';
import { integer, json, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const columns = 'id, job_id, version, version_id, slug, definition, created_at';

const insert =
  statement(`INSERT INTO job_versions (id, job_id, version, version_id, slug, definition, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`);
const byVersionId = statement(`SELECT ${columns} FROM job_versions WHERE job_id = $1 AND version_id = $2`);
const byNumber = statement(`SELECT ${columns} FROM job_versions WHERE job_id = $1 AND version = $2`);
const superseded = statement(`SELECT ${columns} FROM job_versions
  WHERE job_id = $1 AND version < (SELECT version FROM jobs WHERE id = $1) AND created_at < $2
    AND version < $4
  ORDER BY version DESC LIMIT $3`);
const removeAll = statement('DELETE FROM job_versions WHERE job_id = $1');

const addTag = statement('INSERT INTO job_tags (job_id, name, value) VALUES ($1, $2, $3)');
const removeTags = statement('DELETE FROM job_tags WHERE job_id = $1');

const latest = 8_640_000_000_000_000;
const maxVersion = 2_147_483_647;

export interface VersionPage {
  beforeVersion?: number;
  createdBefore?: number;
  limit: number;
}

/** Inserts a version, and makes its tags the job's. */
export async function insertVersion(sql: Sql, made: JobVersion): Promise<void> {
  const { id, jobId, version, versionId, slug, definition, createdAt } = made;
  await sql.run(insert, [id, jobId, version, versionId, slug, JSON.stringify(definition), createdAt]);
  await sql.run(removeTags, [jobId]);
  for (const [name, value] of Object.entries(definition.tags ?? {}))
    await sql.run(addTag, [jobId, name, value]);
}

export async function versionById(
  sql: Sql,
  jobId: string,
  versionId: string,
): Promise<JobVersion | undefined> {
  const row = await sql.get(byVersionId, [jobId, versionId]);
  return row && versionOf(row);
}

export async function versionByNumber(
  sql: Sql,
  jobId: string,
  version: number,
): Promise<JobVersion | undefined> {
  const row = await sql.get(byNumber, [jobId, version]);
  return row && versionOf(row);
}

/** All but the current one, newest first. */
export async function supersededVersions(
  sql: Sql,
  jobId: string,
  { beforeVersion = maxVersion, createdBefore = latest, limit }: VersionPage,
): Promise<JobVersion[]> {
  return (await sql.all(superseded, [jobId, createdBefore, limit, beforeVersion])).map(versionOf);
}

/** Removes all versions of a job and its tags. */
export async function removeVersions(sql: Sql, jobId: string): Promise<void> {
  await sql.run(removeTags, [jobId]);
  await sql.run(removeAll, [jobId]);
}

function versionOf(row: Row): JobVersion {
  return {
    id: text(row, 'id'),
    jobId: text(row, 'job_id'),
    version: integer(row, 'version'),
    versionId: text(row, 'version_id'),
    slug: text(row, 'slug'),
    definition: json(row, 'definition') as JobDefinition,
    createdAt: integer(row, 'created_at'),
  };
}
