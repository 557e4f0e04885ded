import { applyChange } from './apply.ts';
import { createReads } from './reads.ts';
import type { Sql } from './sql.ts';
import { claimAttempt, insertAttempt, recordAttemptProgress, renewLease } from './statements/attempts.ts';
import { countRun } from './statements/counters.ts';
import { forgetDeliveries, recordDelivery } from './statements/deliveries.ts';
import { ensureEngine } from './statements/engines.ts';
import { insertImage } from './statements/images.ts';
import { insertJob, jobBySlug } from './statements/jobs.ts';
import { addLeftover, removeLeftover } from './statements/leftovers.ts';
import { ensureProject } from './statements/projects.ts';
import { insertRun, recordRunProgress } from './statements/runs.ts';
import { deleteSecrets, setSecret } from './statements/secrets.ts';
import type { Tx } from './store.ts';

/** The changes that can be made through a connection that is in a transaction. */
export function createTx(sql: Sql): Tx {
  return {
    ...createReads(sql),
    async ensureJob({ now, ...job }) {
      const found = await jobBySlug(sql, job.project, job.slug);
      if (found) return found;
      await ensureProject(sql, job.project, now);
      await insertJob(sql, { ...job, createdAt: now });
      const made = await jobBySlug(sql, job.project, job.slug);
      if (!made) throw new Error(`the job ${job.project}/${job.slug} has no row`);
      return made;
    },
    async insertRun(made) {
      const run = await insertRun(sql, made);
      const { createdAt, priority } = run;
      const first = { id: made.attemptId, runId: run.id, number: 1, priority };
      await insertAttempt(sql, { ...first, queuedAt: createdAt, availableAt: createdAt });
      await countRun(sql, run);
      return run;
    },
    async claimAttempt(claim, now) {
      await ensureEngine(sql, claim.engine, now);
      return claimAttempt(sql, claim, now);
    },
    apply: (run, attempt, change, nextAttemptId) => applyChange(sql, run, attempt, change, nextAttemptId),
    renewLease: (attemptId, leaseId, expiresAt) => renewLease(sql, attemptId, leaseId, expiresAt),
    async recordProgress(attemptId, leaseId, progress) {
      if (!(await recordAttemptProgress(sql, attemptId, leaseId, progress))) return false;
      if (progress.phase ?? progress.commit) await recordRunProgress(sql, attemptId, progress);
      return true;
    },
    async insertImages(run, attemptId, engine, images, now) {
      await ensureEngine(sql, engine, now);
      for (const image of images) await insertImage(sql, { runId: run.id, attemptId, engine }, image, now);
    },
    addLeftover: (leftover) => addLeftover(sql, leftover),
    removeLeftover: (engine, attemptId) => removeLeftover(sql, engine, attemptId),
    recordDelivery: (source, deliveryId, runId, now) => recordDelivery(sql, source, deliveryId, runId, now),
    forgetDeliveries: (before) => forgetDeliveries(sql, before),
    setSecret: (runId, name, sealed) => setSecret(sql, runId, name, sealed),
    deleteSecrets: (runId) => deleteSecrets(sql, runId),
    ensureEngine: (name, now) => ensureEngine(sql, name, now),
  };
}
