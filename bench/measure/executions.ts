import { DatabaseSync } from 'node:sqlite';
import { courseNumber } from '../../server/store/course.ts';
import { sumUpEnded } from '../../server/room/sumUp.ts';
import { openSqliteStore } from '../../server/store/open.ts';
import { openPostgresStore } from '../../server/store/postgres.ts';
import type { Store } from '../../server/store/store.ts';
import type { RunReason } from '../../server/words/reasons.ts';
import type { AttemptState, RunState } from '../../server/words/run.ts';
import type { TestPostgres } from '../../test/fixtures/postgres.ts';
import { insertHttpJob } from './cycles.ts';
import { databaseFor } from './queues/race.ts';

const jobs = 20;
const engines = 4;
const outcomes: readonly [AttemptState, RunState, RunReason | null][] = [
  ['succeeded', 'completed', null],
  ['failed', 'dead_letter', 'build_step_failed'],
  ['timed_out', 'timed_out', 'timeout'],
  ['canceled', 'canceled', 'canceled'],
];
/** Of ten attempts, which outcome each has. */
const course = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
/** When the first of them was queued; one follows each second. */
export const firstAt = Date.UTC(2026, 0, 1);

/** Opens a store in a folder, whose many ended attempts differ in all that a list sorts and filters by. */
export async function executionHistory(folder: string, attempts: number): Promise<Store> {
  const store = await openSqliteStore(folder);
  await addJobs(store);
  await store.close();
  const database = new DatabaseSync(`${folder}/store.sqlite`);
  database.exec(`PRAGMA synchronous = OFF; BEGIN; ${history(attempts, `printf('%08x', i)`)} COMMIT`);
  database.close();
  return summedUp(await openSqliteStore(folder));
}

/** The same in a database that it makes; what rows refer to is there, and is not looked for again. */
export async function executionHistoryOnPostgres(
  postgres: TestPostgres,
  name: string,
  attempts: number,
): Promise<Store> {
  const store = await openPostgresStore(await databaseFor(postgres, name));
  await addJobs(store);
  await postgres.script(
    `SET session_replication_role = replica; ${history(attempts, `lpad(to_hex(i), 8, '0')`)}`,
    name,
  );
  for (const table of ['runs', 'attempts']) await postgres.script(`VACUUM ANALYZE ${table}`, name);
  return summedUp(store);
}

/** As a server has done by the time that there are so many. */
async function summedUp(store: Store): Promise<Store> {
  await sumUpEnded({ store }, new AbortController().signal);
  return store;
}

async function addJobs(store: Store): Promise<void> {
  for (let job = 0; job < jobs; job++) await insertHttpJob(store, `job-${job}`);
  await store.write(async (tx) => {
    for (let engine = 1; engine <= engines; engine++) await tx.ensureEngine(`engine-${engine}`, 1);
  });
}

/** `hex` is a number of eight digits, as the database writes it. */
function history(attempts: number, hex: string): string {
  const cases = outcomes.flatMap(([state, runState, reason], outcome) =>
    Array.from({ length: engines }, (_, index) => {
      const over = { started: true, runState, reason };
      const ofAttempt = courseNumber({ ...over, state, engineKey: index + 1 });
      const ofRun = courseNumber({ ...over, state: 'queued', engineKey: null });
      const words = [state, runState, reason].map((word) => (word === null ? 'NULL' : `'${word}'`));
      return `(${outcome}, ${index + 1}, ${words.join(', ')}, ${ofAttempt}, ${ofRun})`;
    }),
  );
  const outcomeOf = course.map((outcome, index) => `WHEN ${index} THEN ${outcome}`).join(' ');
  return `
    CREATE TEMP TABLE cases (outcome INTEGER, engine INTEGER, state TEXT, run_state TEXT, reason TEXT, course BIGINT,
      run_course BIGINT, PRIMARY KEY (outcome, engine));
    INSERT INTO cases VALUES ${cases.join(', ')};
    INSERT INTO origins (key, job_id, job_version, priority, timeout_ms) SELECT key, id, 1, 0, 1000 FROM jobs;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE n (i) AS (
        SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ${attempts})
      SELECT i, ${hex} || '-0000-7000-8000-000000000000' AS id, i * 7919 % ${jobs} + 1 AS job,
        i / 7 % ${engines} + 1 AS engine, CASE i / 3 % 10 ${outcomeOf} END AS outcome,
        ${firstAt} + i * 1000 + i * 7919 % 900 AS at, i * 104729 % 60000 AS took FROM n;
    ${rows}`;
}

const times = 'at, at + 500, at + 500 + took, at + 500 + took';
const rows = `
  INSERT INTO runs (id, origin, course, job_id, job_version, project, slug, kind, queue, state, archived, priority, trigger,
      ref, bobfile, request, reason, attempt, counted_attempts, max_attempts, timeout_ms, created_at, started_at,
      completed_at, modified_at, lineage_depth, tags, metadata)
    SELECT n.id, job, run_course, jobs.id, 1, project, slug, kind, 'default', run_state, 0, 0, 'api', 'main', '', '{}', reason,
      1, 1, 3, 1000, ${times}, 0, '{}', '{}'
    FROM numbers n JOIN jobs ON jobs.key = job JOIN cases ON cases.outcome = n.outcome AND cases.engine = n.engine ORDER BY i;
  INSERT INTO attempts (id, run_id, run_key, origin, course, number, line, state, priority, rank, ready, available_at,
      engine, reason, queued_at, started_at, finished_at, modified_at, phases, steps)
    SELECT n.id, n.id, i, job, course, 1, 1, state, 0, at, 1, at, 'engine-' || n.engine, reason, ${times}, '[]', '[]'
    FROM numbers n JOIN cases ON cases.outcome = n.outcome AND cases.engine = n.engine ORDER BY i;
  INSERT INTO course_counts (of_runs, origin, course, counted)
    SELECT 0, origin, course, COUNT(*) FROM attempts GROUP BY 2, 3;
  INSERT INTO course_counts (of_runs, origin, course, counted)
    SELECT 1, origin, course, COUNT(*) FROM runs GROUP BY 2, 3;`;
