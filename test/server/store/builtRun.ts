import { provenanceOf } from '../../../builder/model/provenance.ts';
import type { ImageResult } from '../../../builder/model/spec.ts';
import type { NewImage } from '../../../server/store/contract/images.ts';
import type { Store } from '../../../server/store/store.ts';
import type { KeptImage } from '../../../server/words/image.ts';
import { succeeded } from '../../../server/words/transitions/running.ts';
import { addRun, known, nothingDone, type RunWish, take } from './temporaryStore.ts';

/** A run that built these images, from its insertion to its end. No other run may be queued. */
export async function builtRun(
  store: Store,
  wish: RunWish,
  images: readonly NewImage[],
  now = 1000,
): Promise<{ runId: string; kept: KeptImage[] }> {
  return store.write(async (tx) => {
    const { id: runId } = await addRun(tx, { createdAt: now, ...wish });
    const { run, attempt } = await known(take(tx, now));
    if (run.id !== runId) throw new Error('another run was queued');
    const kept = await tx.insertImages(run, attempt.id, 'one', images, now);
    const end = succeeded(run, attempt, { commit: 'c0ffee', images: kept }, nothingDone, now);
    if (!(await tx.apply(run, attempt, end, ''))) throw new Error('the run did not end');
    return { runId, kept };
  });
}

/** An image with its build record. */
export function recorded(image: ImageResult): NewImage {
  const invocationId = '00000000-0000-7000-8000-000000000000';
  const facts = { builderId: 'urn:docker-builder', invocationId, engine: 'one', startedAt: 1, finishedAt: 2 };
  return { ...image, provenance: provenanceOf({ image, commit: 'c0ffee', ...facts }) };
}
