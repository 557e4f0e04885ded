import type { Run } from '../words/run.ts';
import { applyChange } from './apply.ts';
import type { NewRun, RunReads, RunWrites } from './contract/runs.ts';
import { runCourse } from './course.ts';
import { followLine } from './lines.ts';
import { type Arrival, type Birth, insertBirths, joinLaterLine, joinLines } from './queueing.ts';
import type { Sql, Transaction } from './sql.ts';
import { countRuns as countCourses } from './statements/courseCounts.ts';
import { countIn } from './statements/counters.ts';
import { forgetDeliveries, recordDelivery } from './statements/deliveries.ts';
import type { JoinedLine } from './statements/joining.ts';
import { bodiesOf, storeOutput, storePayloads } from './statements/runBodies.ts';
import { clearIdempotencyKey, setPayloadHash } from './statements/runChanges.ts';
import { countRuns, listRuns } from './statements/runLists.ts';
import {
  archivableRuns,
  childRuns,
  createdAtOfNewest,
  debouncedRun,
  dueRuns,
  expirableRuns,
  newestEndedRun,
  openRuns,
  openRunsOfKey,
  runByIdempotencyKey,
  runByPayload,
  waitingRuns,
  waitingRunsFor,
} from './statements/runLookups.ts';
import { canWait, insertRunLater, insertRuns, type MadeRun, runById } from './statements/runs.ts';
import { runsById, runsToStop, stirringRuns } from './statements/runNews.ts';
import { searchRuns } from './statements/runSearch.ts';
import { hasOpenRun } from './statements/runsOfJob.ts';
import { deleteSecrets, sealedSecret, setSecret } from './statements/secrets.ts';
import { runStanding } from './statements/standing.ts';

export function runReads(sql: Sql): RunReads {
  return {
    run: (id) => runById(sql, id),
    runsById: (ids) => runsById(sql, ids),
    runsToStop: () => runsToStop(sql),
    stirringRuns: (since, limit) => stirringRuns(sql, since, limit),
    runStanding: (id) => runStanding(sql, id),
    async runBody(runId) {
      const [body] = await bodiesOf(sql, [runId]);
      return body ?? { payload: null, output: null };
    },
    runBodies: (runIds) => bodiesOf(sql, runIds),
    runs: (filter, page) => listRuns(sql, filter, page),
    countRuns: (filter) => countRuns(sql, filter),
    searchRuns: (search, page) => searchRuns(sql, search, page),
    newestEndedRun: (jobId, by) => newestEndedRun(sql, jobId, by),
    createdAtOfNewest: (jobId, n) => createdAtOfNewest(sql, jobId, n),
    runByPayload: (jobId, payloadHash, since) => runByPayload(sql, jobId, payloadHash, since),
    runByIdempotencyKey: (jobId, key) => runByIdempotencyKey(sql, jobId, key),
    debouncedRun: (jobId, key) => debouncedRun(sql, jobId, key),
    hasOpenRun: (jobId) => hasOpenRun(sql, jobId),
    openRuns: (jobId, limit) => openRuns(sql, jobId, limit),
    childRuns: (parentRunId) => childRuns(sql, parentRunId),
    openRunsOfKey: (jobId, concurrencyKey) => openRunsOfKey(sql, jobId, concurrencyKey),
    waitingRuns: (jobId, page) => waitingRuns(sql, jobId, page),
    waitingRunsFor: (jobId, parent, page) => waitingRunsFor(sql, jobId, parent, page),
    dueRuns: (now, limit) => dueRuns(sql, now, limit),
    expirableRuns: (now, limit) => expirableRuns(sql, now, limit),
    archivable: (completedBefore, limit) => archivableRuns(sql, completedBefore, limit),
    secret: (runId, name) => sealedSecret(sql, runId, name),
  };
}

export function runWrites(sql: Transaction): RunWrites {
  return {
    insertRun: async (made) => {
      const [run] = canWait(sql, made) ? [await insertLater(sql, made)] : await insert(sql, [made]);
      if (!run) throw new Error(`the run ${made.id} was not inserted`);
      return run;
    },
    insertRuns: (made) => insert(sql, made),
    apply: (run, attempt, change, nextAttemptId) => applyChange(sql, run, attempt, change, nextAttemptId),
    setOutput: async (runId, output) => storeOutput(sql, runId, output),
    clearIdempotencyKey: (runId) => clearIdempotencyKey(sql, runId),
    async setPayload(runId, payload, payloadHash) {
      storePayloads(sql, [[runId, payload]]);
      await setPayloadHash(sql, runId, payloadHash);
    },
    recordDelivery: (source, deliveryId, runId, now) => recordDelivery(sql, source, deliveryId, runId, now),
    forgetDeliveries: (before) => forgetDeliveries(sql, before),
    setSecret: (runId, name, sealed) => setSecret(sql, runId, name, sealed),
    deleteSecrets: (runId) => deleteSecrets(sql, runId),
  };
}

async function insert(sql: Transaction, made: readonly NewRun[]): Promise<Run[]> {
  const queued = made.filter(({ state }) => state === 'queued');
  // Together: neither needs an answer of the other.
  const [inserted, lines] = await Promise.all([insertRuns(sql, made), joinLines(sql, queued.map(arrivalOf))]);
  await follow(sql, made, inserted, lines);
  return inserted.map(({ run }) => run);
}

/** Of one whose group has inserted others: all of it is written together with what the others tell. */
async function insertLater(sql: Transaction, made: NewRun): Promise<Run> {
  const one = await insertRunLater(sql, made);
  const lines = made.state === 'queued' ? [await joinLaterLine(sql, arrivalOf(made))] : [];
  await follow(sql, [made], [one], lines);
  return one.run;
}

/** What follows from runs that were inserted, those that are queued into these lines. */
async function follow(
  sql: Transaction,
  made: readonly NewRun[],
  inserted: readonly MadeRun[],
  lines: readonly JoinedLine[],
): Promise<void> {
  const queued = made.filter(({ state }) => state === 'queued');
  storePayloads(
    sql,
    made.flatMap(({ id, payload }) => (payload === undefined ? [] : [[id, payload] as const])),
  );
  countIn(
    sql,
    inserted.map(({ run }) => run),
  );
  for (const { run, origin } of inserted) countCourses(sql, { origin, course: runCourse(run) }, 1);
  const born = inserted.filter(({ run }) => run.state === 'queued');
  insertBirths(
    sql,
    born.map(({ run, origin }, index) => firstOf(run, origin, queued[index]?.attemptId)),
    lines,
  );
  for (const [index, line] of lines.entries())
    if (line.comesFirst) await followLine(sql, line, queued[index]?.createdAt ?? 0);
}

function arrivalOf(made: NewRun): Arrival {
  const { job, queue, request, concurrencyKey = null, priority, createdAt } = made;
  const run = { jobId: job.id, kind: job.kind, queue, request, concurrencyKey };
  return { run, priority, queuedAt: createdAt, availableAt: createdAt };
}

function firstOf(run: Run, origin: number | null, id = ''): Birth {
  const { priority, createdAt } = run;
  return { run, origin, id, number: 1, priority, queuedAt: createdAt, availableAt: createdAt };
}
