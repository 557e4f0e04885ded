import { canonicalJson, payloadHashOf } from '../../words/canonical.ts';
import type { Room } from '../room.ts';
import { refOf, triggerable } from './findJob.ts';
import { checkPayload } from './payload.ts';
import { planOf } from './plan.ts';
import type { Preview, Submission } from './submission.ts';
import { checked } from './submit.ts';

/**
 * What `submit` would do, without doing it: whatever it would refuse of the request itself is refused. Runs that there
 * are already (a key that is met, a rate that is used up) are not looked at. Throws a Problem.
 */
export async function preview(room: Room, submission: Submission): Promise<Preview> {
  const { payload } = checked(room, submission);
  const { read } = room.store;
  const { job: wanted } = submission;
  const job = triggerable(
    'id' in wanted ? await read.job(wanted.id) : await read.jobBySlug(wanted.project, wanted.slug),
  );
  checkPayload(job, payload);
  const policy = room.policy();
  refOf(job, submission, payload, policy);
  const { state, scheduledAt, expiresAt } = await planOf(read, job, submission, payload, {
    policy,
    now: room.now(),
  });
  const { text = '{}', hash = payloadHashOf(canonicalJson({})) } = payload ?? {};
  return { job, payloadText: text, payloadHash: hash, state, scheduledAt, expiresAt };
}
