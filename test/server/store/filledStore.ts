import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { openSqliteStore } from '../../../server/store/open.ts';
import type { Tx } from '../../../server/store/store.ts';
import type { Job } from '../../../server/words/job.ts';
import { retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { failed } from '../../../server/words/transitions/running.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { someImage } from '../../fixtures/image.ts';
import { builtRun, recorded } from './builtRun.ts';
import { addJob, addRun, known, nothingDone, take } from './temporaryStore.ts';

/** Texts that some way of writing a row down takes for something else. */
export const oddTexts = [
  '',
  '\\N',
  '\\.',
  'a\tb\nc\rd\be\ff\vg',
  '"quoted", {in} \'all\' ways\\',
  '\u0001\u007f\u0085\u2028 \ufffd \ufeff ß 漢 🚀 e\u0301',
  'NULL',
  '\\\\x41\\101',
];

/** What has no way to be made but by a long life of a server. */
const rest = `
  INSERT INTO job_tags SELECT id, 'team', 'a\tb' FROM jobs WHERE slug = 'site';
  INSERT INTO job_dependencies (id, job_id, depends_on_job_id, condition, created_at)
    SELECT 'dep', (SELECT id FROM jobs WHERE slug = 'site'), (SELECT id FROM jobs WHERE slug = 'tool'), 'any', 1;
  INSERT INTO schedules SELECT id, 9007199254740991 FROM jobs WHERE slug = 'tool';
  INSERT INTO deliveries VALUES ('github', 'd1', 'gone', 5);
  INSERT INTO secrets SELECT id, 'api_token', 'v1.c2VhbGVk' FROM runs LIMIT 1;
  INSERT INTO queues VALUES ('slow', 1, NULL);
  INSERT INTO known_queues VALUES ('slow', '{"paused":true,"maxRunning":null}', 'null');
  INSERT INTO rate_budgets VALUES ('acme', 'b', 5, 60000);
  INSERT INTO rate_starts (project, name, started_at) VALUES ('acme', 'b', 7), ('acme', 'b', 8);
  INSERT INTO leftovers VALUES ('one', 'attempt', 3);
  INSERT INTO built_images VALUES ('one', '0123456789ab', 'attempt', 'job', '["x"]', 1, 1, 2);
  INSERT INTO job_stats VALUES ('job', 300000, -1, 'completed', -3, 1, 10);
  INSERT INTO notifications (id, project, job_id, run_id, event, url, origin, state, tries, max_tries, next_at, created_at, body)
    VALUES ('n1', 'acme', 'j', 'r', 'run.completed', 'http://h/', 'http://h', 'pending', 1, 5, 99, 1, '{}');
  INSERT INTO notification_tries (notification_id, number, status, error, took_ms, created_at) VALUES ('n1', 1, NULL, '\\', 3, 4);
  INSERT INTO api_keys (id, name, hint, hash, scopes, created_at) VALUES ('k1', 'ci', 'x', 'h', '[]', 1);
  INSERT INTO member_wishes VALUES ('worker-1', 'paused', 4);
  INSERT INTO meta VALUES ('wish', 'on');`;

/** Makes a store in a folder in which every table has rows, and the newest runs are gone again. */
export async function fillStore(folder: string): Promise<void> {
  const store = await openSqliteStore(folder);
  await builtRun(store, { slug: 'site' }, [recorded(someImage)]);
  for (const [index, text] of oddTexts.entries())
    await store.write((tx) => failedRun(tx, text, 1000 + index));
  const limited = await store.write((tx) => addJob(tx, { slug: 'tool', definition: { maxConcurrency: 2 } }));
  await store.write((tx) => waitingRuns(tx, limited));
  const newest = await builtRun(store, { slug: 'site', priority: 10 }, [recorded(someImage)]);
  await store.write((tx) => tx.removeEndedRuns([newest.runId]));
  await store.write((tx) => tx.sumUpAttempts(0, 2));
  await store.close();
  const database = new DatabaseSync(join(folder, 'store.sqlite'));
  database.exec(rest);
  database.close();
}

async function failedRun(tx: Tx, error: string, now: number): Promise<void> {
  const wish = { createdAt: now, ref: error, maxAttempts: 1 + (now % 2), metadata: { text: error } };
  await addRun(tx, { ...wish, payload: JSON.stringify(error), payloadHash: error });
  const { run, attempt } = await known(take(tx, now));
  const end = failed(run, attempt, { reason: 'engine_lost', error }, nothingDone, retryPlanOf({}, 0), now);
  if (!(await tx.apply(run, attempt, end, uuid7()))) throw new Error('the run did not end');
}

/** Some run, some may, some must wait for their turn or their time. */
async function waitingRuns(tx: Tx, limited: Job): Promise<void> {
  for (let n = 0; n < 6; n++)
    await addRun(tx, {
      job: limited,
      priority: n,
      queue: n % 2 ? 'slow' : 'default',
      concurrencyKey: `${n}`,
    });
  await addRun(tx, { state: 'delayed', scheduledAt: 99_000 });
  await addRun(tx, { state: 'waiting', idempotencyKey: 'once' });
  await known(take(tx, 2000));
}
