import { provenanceOf } from '../../builder/model/provenance.ts';
import type { BuildResult } from '../../builder/model/spec.ts';
import type { HeldAttempt } from '../store/contract/runs.ts';
import type { Tx } from '../store/store.ts';
import type { RunResult } from '../words/image.ts';
import type { Room } from './room.ts';

/**
 * Keeps the images of a build, each with its build record, in the transaction of its run's end. Gives the result as the
 * run has it then. The result must be masked: a record has nothing that is not in it.
 */
export async function keepImages(
  { policy }: Pick<Room, 'policy'>,
  tx: Tx,
  { run, attempt }: HeldAttempt,
  engine: string,
  { commit, images }: BuildResult,
  now: number,
): Promise<RunResult> {
  const facts = {
    ...(commit !== undefined && { commit }),
    builderId: policy().builderId,
    invocationId: run.id,
    engine,
    startedAt: attempt.startedAt ?? now,
    finishedAt: now,
  };
  const recorded = images.map((image) => ({ ...image, provenance: provenanceOf({ image, ...facts }) }));
  const kept = await tx.insertImages(run, attempt.id, engine, recorded, now);
  return { ...(commit !== undefined && { commit }), images: kept };
}
