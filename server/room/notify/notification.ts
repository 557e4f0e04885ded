import type { Tx } from '../../store/store.ts';
import type { Job } from '../../words/job.ts';
import type { Run } from '../../words/run.ts';
import type { Sealer } from '../../words/seal.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { notificationBody } from './body.ts';
import { notificationSecret, webhookSecret } from './secrets.ts';

/**
 * Writes what is to be told of a run that ended, in the transaction of its end; false where its job has no webhook.
 * `job` is the job as the run was done by it: its definition in the run's version. The run's output must be stored.
 */
export async function notify(
  { sealer, policy, wakeNotifier }: Pick<Room, 'sealer' | 'policy' | 'wakeNotifier'>,
  tx: Tx,
  job: Pick<Job, 'id' | 'definition'>,
  run: Run,
  now: number,
): Promise<boolean> {
  const { webhookUrl: url, webhookSecret: sealed } = job.definition;
  if (url === undefined || url === '') return false;
  const { output } = run.kind === 'image' ? { output: null } : await tx.runBody(run.id);
  const id = uuid7(now);
  await tx.addNotification({
    id,
    project: run.project,
    jobId: run.jobId,
    runId: run.id,
    event: `run.${run.state}`,
    url,
    secret: sealed === undefined || sealed === '' ? null : resealed(sealer, sealed, job.id, id),
    body: notificationBody(run, output, now),
    maxTries: policy().webhookTries,
    createdAt: now,
  });
  // The notifier asks the store in a transaction of its own, which comes after this one.
  wakeNotifier('here');
  return true;
}

/** A secret that does not open stays as it is: the run ends all the same, and the delivery says what is wrong. */
function resealed(sealer: Sealer, sealed: string, jobId: string, id: string): string {
  try {
    return sealer.seal(sealer.open(sealed, webhookSecret(jobId)), notificationSecret(id));
  } catch {
    return sealed;
  }
}
