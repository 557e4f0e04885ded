import { type Dependency, dependencyConditions } from '../../words/job.ts';
import { integer, oneOf, text } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

const columns = 'id, job_id, depends_on_job_id, condition, created_at';

const insert = statement(`INSERT INTO job_dependencies (id, job_id, depends_on_job_id, condition, created_at)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (job_id, depends_on_job_id) DO NOTHING`);
// Written so that the order is not taken from an index of all of them.
const standing = { standsUntil: /\bjob_dependencies\b/ };
const ofJob = statement(
  `SELECT ${columns} FROM job_dependencies WHERE job_id = $1 ORDER BY key + 0 DESC`,
  standing,
);
const onJob = statement(
  `SELECT ${columns} FROM job_dependencies WHERE depends_on_job_id = $1 ORDER BY key + 0 DESC`,
  standing,
);
const remove = statement('DELETE FROM job_dependencies WHERE id = $1 AND job_id = $2');
const removeOfJob = statement('DELETE FROM job_dependencies WHERE job_id = $1');
const removeOnJob = statement('DELETE FROM job_dependencies WHERE depends_on_job_id = $1');

/** What a job depends on, newest first. */
export async function dependenciesOf(sql: Sql, jobId: string): Promise<Dependency[]> {
  return (await sql.all(ofJob, [jobId])).map(dependencyOf);
}

/** What depends on a job, newest first. */
export async function dependentsOf(sql: Sql, jobId: string): Promise<Dependency[]> {
  return (await sql.all(onJob, [jobId])).map(dependencyOf);
}

/** Undefined where the pair is there already. */
export async function insertDependency(sql: Sql, made: Dependency): Promise<Dependency | undefined> {
  const { id, jobId, dependsOnJobId, condition, createdAt } = made;
  const inserted = await sql.run(insert, [id, jobId, dependsOnJobId, condition, createdAt]);
  return inserted === 1 ? made : undefined;
}

export async function deleteDependency(sql: Sql, jobId: string, id: string): Promise<boolean> {
  return (await sql.run(remove, [id, jobId])) === 1;
}

/** Removes what a job depends on, and that others depend on it. */
export async function removeDependencies(sql: Sql, jobId: string): Promise<void> {
  await sql.run(removeOfJob, [jobId]);
  await sql.run(removeOnJob, [jobId]);
}

function dependencyOf(row: Row): Dependency {
  return {
    id: text(row, 'id'),
    jobId: text(row, 'job_id'),
    dependsOnJobId: text(row, 'depends_on_job_id'),
    condition: oneOf(dependencyConditions, row, 'condition'),
    createdAt: integer(row, 'created_at'),
  };
}
