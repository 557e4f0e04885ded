import type { Run } from '../words/run.ts';
import { applyChange } from './apply.ts';
import type { NewRun, RunReads, RunWrites } from './contract/runs.ts';
import { followLine } from './lines.ts';
import { queueAttempt } from './queueing.ts';
import type { Sql } from './sql.ts';
import { countRun } from './statements/counters.ts';
import { forgetDeliveries, recordDelivery } from './statements/deliveries.ts';
import { bodiesOf, storeOutput, storePayload } from './statements/runBodies.ts';
import { setPayloadHash } from './statements/runChanges.ts';
import { countRuns, listRuns } from './statements/runLists.ts';
import {
  archivableRuns,
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
import { insertRun, runById } from './statements/runs.ts';
import { searchRuns } from './statements/runSearch.ts';
import { hasOpenRun } from './statements/runsOfJob.ts';
import { deleteSecrets, sealedSecret, setSecret } from './statements/secrets.ts';

export function runReads(sql: Sql): RunReads {
  return {
    run: (id) => runById(sql, id),
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
    openRunsOfKey: (jobId, concurrencyKey) => openRunsOfKey(sql, jobId, concurrencyKey),
    waitingRuns: (jobId, page) => waitingRuns(sql, jobId, page),
    waitingRunsFor: (jobId, parent, page) => waitingRunsFor(sql, jobId, parent, page),
    dueRuns: (now, limit) => dueRuns(sql, now, limit),
    expirableRuns: (now, limit) => expirableRuns(sql, now, limit),
    archivable: (completedBefore, limit) => archivableRuns(sql, completedBefore, limit),
    secret: (runId, name) => sealedSecret(sql, runId, name),
  };
}

export function runWrites(sql: Sql): RunWrites {
  return {
    insertRun: (made) => insert(sql, made),
    apply: (run, attempt, change, nextAttemptId) => applyChange(sql, run, attempt, change, nextAttemptId),
    setOutput: (runId, output) => storeOutput(sql, runId, output),
    async setPayload(runId, payload, payloadHash) {
      await storePayload(sql, runId, payload);
      await setPayloadHash(sql, runId, payloadHash);
    },
    recordDelivery: (source, deliveryId, runId, now) => recordDelivery(sql, source, deliveryId, runId, now),
    forgetDeliveries: (before) => forgetDeliveries(sql, before),
    setSecret: (runId, name, sealed) => setSecret(sql, runId, name, sealed),
    deleteSecrets: (runId) => deleteSecrets(sql, runId),
  };
}

async function insert(sql: Sql, made: NewRun): Promise<Run> {
  const run = await insertRun(sql, made);
  const { payload } = made;
  await Promise.all([
    payload === undefined ? undefined : storePayload(sql, run.id, payload),
    countRun(sql, run),
    run.state === 'queued' ? queueFirst(sql, run, made.attemptId) : undefined,
  ]);
  return run;
}

async function queueFirst(sql: Sql, run: Run, attemptId: string): Promise<void> {
  const { priority, createdAt } = run;
  const first = { id: attemptId, number: 1, priority, queuedAt: createdAt, availableAt: createdAt };
  const line = await queueAttempt(sql, run, first);
  if (line.comesFirst) await followLine(sql, line, createdAt);
}
