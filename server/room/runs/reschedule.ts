import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { earliestStart } from '../../words/timing.ts';
import { rescheduled } from '../../words/transitions/waiting.ts';
import type { Room } from '../room.ts';
import { settle } from '../settle.ts';
import { checkPayload, hashed } from '../submit/payload.ts';
import type { Submission } from '../submit/submission.ts';
import { checkStart } from '../submit/wish.ts';

/**
 * Gives a delayed run another time, in milliseconds since 1970, and another payload where one is named. It has as long
 * to start as it had before.
 *
 * @throws Problem `validation_error`; `conflict` where the run is not delayed (any more)
 */
export async function reschedule(
  room: Room,
  runId: string,
  startAt: number,
  payload: Submission['payload'],
): Promise<Run> {
  checkStart(startAt, room.now());
  const replacement = hashed(payload);
  return settle(room, async (changes) => {
    const before = await changes.tx.run(runId);
    if (!before) throw new Problem('not_found', 'run not found');
    if (before.state !== 'delayed')
      throw new Problem('conflict', `only a delayed run can be rescheduled, and this one is ${before.state}`);
    const job = await changes.jobOf(before);
    checkPayload(job, replacement);
    const scheduledAt = earliestStart(job.definition, startAt) ?? startAt;
    const later = scheduledAt - (before.scheduledAt ?? scheduledAt);
    const expiresAt = before.expiresAt === null ? null : before.expiresAt + later;
    const change = rescheduled(before, scheduledAt);
    const after = await changes.apply(before, undefined, { run: { ...change.run, expiresAt } });
    if (!after) throw new Problem('conflict', 'the run was changed at the same time: ask again');
    if (!replacement) return after;
    await changes.tx.setPayload(runId, replacement.text, replacement.hash);
    return { ...after, payloadHash: replacement.hash };
  });
}
