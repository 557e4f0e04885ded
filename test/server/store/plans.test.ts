import { expect } from 'chai';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { courseNumber } from '../../../server/store/course.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { registeredStatements } from '../../../server/store/sql.ts';
import type { Store } from '../../../server/store/store.ts';
import { addJob, addRun, known, take, temporaryFolder } from './temporaryStore.ts';

const total = 100_000;

const over = { started: true, runState: 'completed', reason: null, engineKey: null } as const;
const course = {
  attempt: courseNumber({ ...over, state: 'succeeded' }),
  run: courseNumber({ ...over, state: 'queued' }),
};

/** A history of ended runs, each with its attempt, made by the database itself. */
const history = `
  CREATE TEMP TABLE numbers AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${total})
    SELECT i, printf('%08x-0000-7000-8000-000000000000', i) AS id FROM n;
  INSERT INTO runs (id, job_id, job_version, project, slug, kind, queue, state, archived, priority, trigger, ref, bobfile,
      request, attempt, counted_attempts, max_attempts, timeout_ms, created_at, started_at, completed_at, modified_at,
      archived_at, lineage_depth, tags, metadata, origin, course)
    SELECT numbers.id, jobs.id, 1, project, slug, kind, 'default', 'completed', i % 2, 0, 'api', 'main', 'Bobfile',
      '{}', 1, 1, 3, 1000, i, i, i, i, CASE WHEN i % 2 = 1 THEN i END, 0, '{}', '{}', 1, ${course.run}
    FROM numbers, jobs ORDER BY i;
  INSERT INTO attempts (id, run_id, run_key, number, line, state, priority, rank, ready, queued_at, available_at,
      started_at, finished_at, modified_at, phases, steps, origin, course)
    SELECT id, id, i, 1, 1, 'succeeded', 0, i, 1, i, i, i, i, i, '[]', '[]', 1, ${course.attempt} FROM numbers ORDER BY i;
  INSERT INTO origins (key, job_id, job_version, priority, timeout_ms) SELECT 1, id, 1, 0, 1000 FROM jobs;
  INSERT INTO course_counts (of_runs, origin, course, counted)
    VALUES (0, 1, ${course.attempt}, ${total}), (1, 1, ${course.run}, ${total});
  INSERT INTO run_counts (project, slug, state, archived, runs)
    SELECT project, slug, state, archived, COUNT(*) FROM runs GROUP BY project, slug, state, archived;`;

async function makeHistory(folder: string): Promise<void> {
  const store = await openSqliteStore(folder);
  await store.write((tx) => addJob(tx));
  await store.close();
  const database = new DatabaseSync(join(folder, 'store.sqlite'));
  database.exec(history);
  database.close();
}

/** Tables whose rows become many. */
const grown =
  /\b(FROM|UPDATE) (runs|attempts|lines|jobs|job_versions|job_tags|rate_starts|run_bodies|images|image_references)\b/;

describe(`a store with ${total} runs`, () => {
  let folder: string;
  let store: Store;
  let database: DatabaseSync;
  before(async () => {
    folder = temporaryFolder();
    await makeHistory(folder);
    store = await openSqliteStore(folder);
    database = new DatabaseSync(join(folder, 'store.sqlite'), { readOnly: true });
  });
  after(async () => {
    database?.close();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function planOf(text: string): string[] {
    return database
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all()
      .map((row) => String(row['detail']));
  }

  /** The plan of the one statement with all these parts in its text. */
  function plan(...parts: string[]): string {
    const found = registeredStatements().filter(({ text }) => parts.every((part) => text.includes(part)));
    expect(
      found.map(({ text }) => text),
      parts.join(' … '),
    ).to.have.length(1);
    return found.flatMap(({ text }) => planOf(text)).join('; ');
  }

  it('is never read row by row, and sorts nothing', () => {
    const plans = registeredStatements().map(({ text }) => ({ text, steps: planOf(text) }));
    // What is summed up, or counted, are the attempts of one range of keys.
    const sums = plans.filter(({ text }) => text.includes('GROUP BY origin + 0, course + 0'));
    expect(sums).to.have.length(2);
    for (const { text, steps } of sums) expect(steps[0], text).to.match(/^SEARCH .*\(.*>\? AND .*<\?\)$/);
    const ofRows = plans.filter((one) => grown.test(one.text) && !sums.includes(one));
    expect(ofRows.length).to.be.greaterThan(40);
    for (const { text, steps } of ofRows)
      for (const step of steps)
        // `changes` are the rows that the statement itself brings.
        expect(step, text).not.to.match(
          /SCAN (?!.*USING .*INDEX|CONSTANT ROW|\d+ CONSTANT ROWS|\d+-ROW VALUES CLAUSE|changes$)|TEMP B-TREE/,
        );
  });

  it('has an index in the order of each question', () => {
    const own = ' AND platform IS NULL';
    const page = (before: number, which = own) =>
      `key <= $${before}${which} ORDER BY key DESC LIMIT $${before + 1}`;
    const claim = plan("SET state = 'running'", 'key = (SELECT key', 'RETURNING');
    expect(claim).to.include('USING COVERING INDEX lines_turn (place=? AND turn>?)');
    expect(claim).to.include('USING COVERING INDEX attempts_line (line=?)');
    const claimSeveral = plan("SET state = 'running'", 'key IN (SELECT key', 'RETURNING');
    expect(claimSeveral).to.include('USING COVERING INDEX lines_turn (place=? AND turn>?)');
    expect(claimSeveral).to.include('USING COVERING INDEX attempts_line (line=? AND rank<?)');
    expect(plan("WHERE state = 'running' ORDER BY lease_expires_at")).to.include('INDEX attempts_running');
    expect(plan('ORDER BY completed_at, key LIMIT $2')).to.include('INDEX runs_archivable');
    expect(plan('(completed_at, key) > ($1, $2)')).to.include('INDEX runs_archivable');
    expect(plan('completed_at IS NOT NULL AND key > $2 AND key <= $3')).to.include('INDEX runs_ended');
    expect(plan(`WHERE project = $1 AND ${page(2)}`)).to.include(
      'INDEX runs_by_project (project=? AND key<?)',
    );
    expect(plan(`WHERE slug = $1 AND ${page(2)}`)).to.include('INDEX runs_by_slug (slug=? AND key<?)');
    expect(plan(`AND slug = $2) AND ${page(3)}`)).to.include('INDEX runs_by_job (job_id=? AND key<?)');
    expect(plan(`WHERE ref = $1 AND ${page(2)}`)).to.include('INDEX runs_by_ref (ref=? AND key<?)');
    expect(plan(`WHERE bobfile = $1 AND ${page(2)}`)).to.include(
      'INDEX runs_by_bobfile (bobfile=? AND key<?)',
    );
    expect(plan(`WHERE id = $1 AND ${page(2, '')}`)).to.include('INDEX sqlite_autoindex_runs');
    const byState = plan(`WHERE state = $1 AND archived = $2 AND ${page(3)}`);
    expect(byState).to.include('INDEX runs_by_state (state=? AND archived=? AND key<?)');
  });

  it('knows what is due, and the line of a limit whose turn it is, without looking at the others', () => {
    const due = plan('AS delayed', 'AS reopening');
    for (const index of ['runs_delayed', 'runs_expiring', 'attempts_due', 'jobs_reopening'])
      expect(due).to.include(`INDEX ${index}`);
    expect(plan("state = 'delayed'", 'ORDER BY scheduled_at, key')).to.include('INDEX runs_delayed');
    expect(plan('expires_at <= $1')).to.include('INDEX runs_expiring (expires_at<?)');
    expect(plan('free = 1', 'ORDER BY queue, turn, key')).to.include(
      'INDEX lines_free (job_id=? AND queue>?)',
    );
    expect(plan('front = 1', 'ORDER BY turn, key')).to.include(
      'INDEX lines_front (queue=? AND place=? AND turn>?)',
    );
    expect(plan('SELECT DISTINCT place FROM lines')).to.include('INDEX lines_of_platforms');
    expect(plan('SUM(running)', 'FROM queues')).to.include('COVERING INDEX lines_running_of_queue');
    expect(plan('SUM(running)', 'FROM jobs')).to.include('COVERING INDEX lines_running_of_job');
    expect(plan('FROM rate_starts', 'OFFSET $3')).to.include('COVERING INDEX rate_starts_by_name');
  });

  it('tells what may be claimed, and what others changed, along an index', () => {
    expect(plan("SELECT 'engine' AS place WHERE EXISTS")).to.include('INDEX lines_turn (place=?');
    expect(plan('SELECT id FROM runs WHERE cancel_requested_at')).to.include('INDEX runs_stopping');
    expect(plan('modified_at >= $1\n  ORDER BY modified_at DESC')).to.include('INDEX runs_by_end');
    expect(plan('FROM runs WHERE key > $1 ORDER BY key DESC')).to.include('PRIMARY KEY (rowid>?)');
    expect(plan('SELECT run_id FROM attempts', "state = 'running'", 'LIMIT $1')).to.include(
      'attempts_running',
    );
  });

  it('finds what a job did before along an index of its own', () => {
    const newest = (column: string) => plan(`completed_at IS NOT NULL${column} ORDER BY key DESC LIMIT 1`);
    expect(newest('')).to.include('INDEX runs_ended (job_id=?)');
    expect(newest(' AND idempotency_key = $2')).to.include('INDEX runs_ended_by_key');
    expect(newest(' AND dependency_key = $2')).to.include('INDEX runs_ended_by_dependency');
    expect(plan('AND job_id = $1 ORDER BY key DESC LIMIT 1 OFFSET $2')).to.include(
      'INDEX runs_ended (job_id=?)',
    );
    expect(plan('payload_hash = $2 AND created_at')).to.include('INDEX runs_by_payload');
    expect(plan('idempotency_key = $2 AND completed_at IS NULL')).to.include('INDEX runs_idempotent');
    expect(plan('debounce_key = $2')).to.include('INDEX runs_debounced');
    expect(plan('concurrency_key = $2', 'ORDER BY key')).to.include('INDEX runs_open_by_key');
    expect(plan('key > $3 ORDER BY key')).to.include('INDEX runs_by_job_state');
    expect(plan('parent_run_id = $1 AND platform IS NOT NULL')).to.include('INDEX runs_by_parent');
  });

  it('finds images along an index of their owner, or of what they are called', () => {
    const page = 'i.key <= $2 AND';
    expect(plan(`i.project = $1 AND ${page}`)).to.include('INDEX images_by_project (project=? AND key<?)');
    expect(plan(`i.job_id = $1 AND ${page}`)).to.include('INDEX images_by_job (job_id=? AND key<?)');
    expect(plan(`i.run_id = $1 AND ${page}`)).to.include('INDEX images_by_run (run_id=? AND rowid<?)');
    expect(plan('f.reference = $1 AND f.image <= $2')).to.include(
      'INDEX image_references_by_reference (reference=? AND image<?)',
    );
    expect(plan('f.project = $2 AND f.image <= $3')).to.include(
      'INDEX image_references_by_project (project=? AND reference=? AND image<?)',
    );
    expect(plan('platform = $3 ORDER BY key DESC')).to.include(
      'INDEX images_by_name (job_id=? AND name=? AND platform=?)',
    );
  });

  it('looks only at what the narrow part of a filter finds', () => {
    const ended = plan("WHERE project = $1 AND $2 LIKE '%,' ||", 'ORDER BY key DESC');
    expect(ended).to.include('INDEX runs_by_project (project=? AND key<?)');
    const active = plan(
      "WHERE project || '' = $1 AND state = $2 AND archived = $3 AND key",
      'ORDER BY key DESC',
    );
    expect(active).to.include('INDEX runs_by_state (state=? AND archived=? AND key<?)');
  });

  it('goes along an index for each order of a list', () => {
    const walk = (table: string, column: string, ...among: string[]) =>
      plan(`SELECT key, ${column} AS value FROM ${table} `, ...among, ` ORDER BY ${column} DESC`);
    const eight = '$1, $2, $3, $4, $5, $6, $7, $8';
    const orders = {
      attempts: {
        key: 'key',
        run_key: 'run',
        queued_at: 'queueing',
        started_at: 'start',
        modified_at: 'end',
      },
      runs: { key: 'key', started_at: 'start', modified_at: 'end' },
    };
    for (const [table, columns] of Object.entries(orders))
      for (const [column, index] of Object.entries(columns)) {
        expect(walk(table, column, 'LIMIT $1 ')).to.include(`INDEX ${table}_by_${index}`);
        const time = column === 'modified_at' ? 'modified_at >= $9' : '($9 = 0 OR';
        expect(walk(table, column, `origin + 0 IN (${eight}) AND ${time}`)).to.include(
          `INDEX ${table}_by_${index}`,
        );
      }
    expect(plan('COUNT(*) AS counted FROM attempts', 'course = $2 AND modified_at >= $3')).to.include(
      'INDEX attempts_by_course (origin=? AND course=? AND modified_at>? AND modified_at<?)',
    );
    expect(plan('FROM attempts', 'course = $2', 'ORDER BY modified_at DESC, key DESC LIMIT $5')).to.include(
      'INDEX attempts_by_course (origin=? AND course=? AND modified_at>? AND modified_at<?)',
    );
    for (const list of ["a.state = 'queued' AND a", "a.state = 'queued' AND r.key = a.run_key AND a"]) {
      const queued = plan(`${list}.queued_at >= $1`, 'DESC');
      expect(queued).to.include('INDEX attempts_waiting (queued_at>? AND queued_at<?)');
    }
  });

  it('still answers', async () => {
    expect(await store.read.countRuns({ archived: true })).to.equal(total / 2);
    const page = await store.read.runs(
      { project: 'acme', states: ['completed'], archived: false },
      { limit: 3 },
    );
    expect(page.map(({ key }) => key)).to.deep.equal([total, total - 2, total - 4]);
    expect((await store.read.archivable(100, 2)).map(({ completedAt }) => completedAt)).to.deep.equal([2, 4]);
    const same = [{ field: 'status', descending: true }] as const;
    const many = await store.read.executions({}, same, { offset: 30_000, limit: 2 });
    expect(many.map(({ attempt }) => attempt.key)).to.deep.equal([total - 30_000, total - 30_001]);
    const run = await store.write((tx) => addRun(tx));
    expect((await known(store.write((tx) => take(tx)))).run.id).to.equal(run.id);
  });
});
