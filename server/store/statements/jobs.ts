import { type Job, type JobDefinition, jobKinds } from '../../words/job.ts';
import type { JobChange, JobFilter, JobHead, JobPage, JobRow, NewJob } from '../contract/jobs.ts';
import { integer, integerOrNull, json, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const select = `SELECT j.key, j.id, j.project, j.slug, j.kind, j.enabled, j.paused, j.version, j.created_by, j.updated_by,
    j.created_at, j.updated_at, v.key AS version_key, v.version_id, v.definition
  FROM jobs j JOIN job_versions v ON v.job_id = j.id AND v.version = j.version`;

const isThere = 'j.removed_at IS NULL';
const standing = { standsUntil: /^(INSERT INTO|UPDATE|DELETE FROM) (jobs|job_versions|job_tags)\b/ };
const byId = statement(`${select} WHERE j.id = $1 AND ${isThere}`, standing);
const bySlug = statement(`${select} WHERE j.project = $1 AND j.slug = $2 AND ${isThere}`, standing);
const byKey = statement(`${select} WHERE j.key = $1 AND ${isThere}`);
const lightRow =
  'SELECT key, id, project, slug, kind, enabled, paused, version, created_at, updated_at FROM jobs';
const afterKey = 'key > $1 AND removed_at IS NULL ORDER BY key LIMIT $2';
const rows = statement(`${lightRow} WHERE ${afterKey}`);
const rowsOfProject = statement(`${lightRow} WHERE project = $3 AND ${afterKey}`);
const anyBySlug = statement(`${select} WHERE j.slug = $1 AND ${isThere} ORDER BY j.key LIMIT 2`);

const beforePage = `${isThere} AND j.key < $2 AND j.created_at < $3 ORDER BY j.key DESC LIMIT $4`;
const ofProject = statement(`${select} WHERE j.project = $1 AND ${beforePage}`);
const tagged = `EXISTS (SELECT 1 FROM job_tags t WHERE t.job_id = j.id AND t.name = $5`;
const withTag = statement(`${select} WHERE j.project = $1 AND ${tagged}) AND ${beforePage}`);
const withTagValue = statement(
  `${select} WHERE j.project = $1 AND ${tagged} AND t.value = $6) AND ${beforePage}`,
);

const insert =
  statement(`INSERT INTO jobs (id, project, slug, kind, enabled, paused, version, created_by, updated_by,
    created_at, updated_at, limited, round_robin)
  VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $6, $7, $7, $8, $9) ON CONFLICT (project, slug) WHERE removed_at IS NULL DO NOTHING`);
const change =
  statement(`UPDATE jobs SET version = version + 1, slug = $3, updated_by = $4, updated_at = $5, limited = $6,
    round_robin = $7
  WHERE id = $1 AND version = $2`);
const flags = statement(
  `UPDATE jobs SET enabled = $2, paused = $3, limited = $4, updated_at = $5 WHERE id = $1`,
);
const hide = statement('UPDATE jobs SET removed_at = $2, reopens_at = NULL WHERE id = $1');
const hidden = statement('SELECT id FROM jobs WHERE removed_at IS NOT NULL ORDER BY removed_at LIMIT $1');
const remove = statement('DELETE FROM jobs WHERE id = $1');

const limits = statement(`SELECT j.project, j.enabled, j.paused, j.reopens_at, v.definition, (
    SELECT SUM(running) FROM lines WHERE job_id = $1 AND limited = 1 AND running > 0) AS running
  FROM jobs j JOIN job_versions v ON v.job_id = j.id AND v.version = j.version WHERE j.id = $1`);
const setReopening = statement('UPDATE jobs SET reopens_at = $2 WHERE id = $1');
const reopening = statement('SELECT id FROM jobs WHERE reopens_at <= $1 ORDER BY reopens_at LIMIT $2');

const maxKey = 2_147_483_647;
const latest = 8_640_000_000_000_000;

export async function jobById(sql: Sql, id: string): Promise<Job | undefined> {
  const row = await sql.get(byId, [id]);
  return row && jobOf(row);
}

/** With the integer of its current version's row. */
export async function jobByKey(sql: Sql, key: number): Promise<{ job: Job; versionKey: number } | undefined> {
  const found = await sql.get(byKey, [key]);
  return found && { job: jobOf(found), versionKey: integer(found, 'version_key') };
}

/** In the order of their keys. */
export async function jobRows(
  sql: Sql,
  project: string | undefined,
  page: { afterKey: number; limit: number },
): Promise<JobRow[]> {
  const values = [page.afterKey, page.limit];
  const found = project === undefined ? sql.all(rows, values) : sql.all(rowsOfProject, [...values, project]);
  return (await found).map(jobRowOf);
}

export async function jobBySlug(sql: Sql, project: string, slug: string): Promise<Job | undefined> {
  const row = await sql.get(bySlug, [project, slug]);
  return row && jobOf(row);
}

/** The jobs of all projects with a slug, at most two. */
export async function jobsBySlug(sql: Sql, slug: string): Promise<Job[]> {
  return (await sql.all(anyBySlug, [slug])).map(jobOf);
}

/** Newest first. */
export async function listJobs(sql: Sql, filter: JobFilter, page: JobPage): Promise<Job[]> {
  const { project, slug, tagKey, tagValue } = filter;
  const { beforeKey = maxKey, createdBefore = latest, limit } = page;
  if (slug !== undefined) {
    const job = await jobBySlug(sql, project, slug);
    const fits = job && hasTag(job, filter) && job.key < beforeKey && job.createdAt < createdBefore;
    return fits ? [job].slice(0, limit) : [];
  }
  const values = [project, beforeKey, createdBefore, limit];
  if (tagKey === undefined) return (await sql.all(ofProject, values)).map(jobOf);
  if (tagValue === undefined) return (await sql.all(withTag, [...values, tagKey])).map(jobOf);
  return (await sql.all(withTagValue, [...values, tagKey, tagValue])).map(jobOf);
}

/** Inserts the job's row; false where its project has that slug already. */
export async function insertJobRow(sql: Sql, job: NewJob, copies: Copies): Promise<boolean> {
  const { id, project, slug, kind, enabled, createdBy, now } = job;
  const values = [id, project, slug, kind, Number(enabled), createdBy, now];
  return (await sql.run(insert, [...values, ...copied(copies)])) === 1;
}

/** Makes the row say the next version; false where `before` is no longer the newest. */
export async function changeJobRow(
  sql: Sql,
  before: Job,
  { slug, updatedBy, now }: JobChange,
  copies: Copies,
): Promise<boolean> {
  return (await sql.run(change, [before.id, before.version, slug, updatedBy, now, ...copied(copies)])) === 1;
}

export async function setFlags(sql: Sql, job: Job, limited: boolean, now: number): Promise<void> {
  await sql.run(flags, [job.id, Number(job.enabled), Number(job.paused), Number(limited), now]);
}

/** From now on the job is not there for anybody who asks, and its slug is free. */
export async function hideJob(sql: Sql, id: string, now: number): Promise<void> {
  await sql.run(hide, [id, now]);
}

/** The jobs that are hidden, those that have been for longest first. */
export async function hiddenJobs(sql: Sql, limit: number): Promise<string[]> {
  return (await sql.all(hidden, [limit])).map((row) => text(row, 'id'));
}

export async function removeJobRow(sql: Sql, id: string): Promise<void> {
  await sql.run(remove, [id]);
}

/** What a job's row says beside its version, for the lines that are made of it. */
export interface Copies {
  limited: boolean;
  roundRobin: boolean;
}

/** What decides a job's gate, but for its budgets. */
export interface LimitedJob {
  project: string;
  enabled: boolean;
  paused: boolean;
  definition: JobDefinition;
  running: number;
  reopensAt: number | null;
}

export async function limitedJob(sql: Sql, id: string): Promise<LimitedJob> {
  const row = await sql.get(limits, [id]);
  if (!row) throw new Error(`the job ${id} is gone, its lines are not`);
  return {
    project: text(row, 'project'),
    enabled: integer(row, 'enabled') === 1,
    paused: integer(row, 'paused') === 1,
    definition: json(row, 'definition') as JobDefinition,
    running: integerOrNull(row, 'running') ?? 0,
    reopensAt: integerOrNull(row, 'reopens_at'),
  };
}

export async function setReopensAt(sql: Sql, id: string, at: number | null): Promise<void> {
  await sql.run(setReopening, [id, at]);
}

/** Jobs whose gates time opens now. */
export async function reopeningJobs(sql: Sql, now: number, limit: number): Promise<string[]> {
  return (await sql.all(reopening, [now, limit])).map((row) => text(row, 'id'));
}

function copied({ limited, roundRobin }: Copies): number[] {
  return [Number(limited), Number(roundRobin)];
}

function hasTag({ definition: { tags = {} } }: Job, { tagKey, tagValue }: JobFilter): boolean {
  if (tagKey === undefined) return true;
  return Object.hasOwn(tags, tagKey) && (tagValue === undefined || tags[tagKey] === tagValue);
}

function jobOf(row: Row): Job {
  return {
    ...jobRowOf(row),
    versionId: text(row, 'version_id'),
    definition: json(row, 'definition') as JobDefinition,
    createdBy: textOrNull(row, 'created_by'),
    updatedBy: textOrNull(row, 'updated_by'),
  };
}

function jobRowOf(row: Row): JobRow {
  return {
    ...jobHeadOf(row),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  };
}

/** The same of any row that has these columns of a job. */
export function jobHeadOf(row: Row): JobHead {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    kind: oneOf(jobKinds, row, 'kind'),
    enabled: integer(row, 'enabled') === 1,
    paused: integer(row, 'paused') === 1,
    version: integer(row, 'version'),
  };
}
