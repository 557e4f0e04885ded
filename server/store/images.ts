import type { ImageReads, ImageWrites, NewImage } from './contract/images.ts';
import type { Sql, Transaction } from './sql.ts';
import { ensureEngine } from './statements/engines.ts';
import { imageByKey, listImages, provenanceOfImage } from './statements/imageLists.ts';
import { differenceFromLast, insertImage } from './statements/images.ts';
import type { KeptImage } from '../words/image.ts';
import type { Run } from '../words/run.ts';

export function imageReads(sql: Sql): ImageReads {
  return {
    images: (filter, page) => listImages(sql, filter, page),
    image: (key) => imageByKey(sql, key),
    provenance: (key) => provenanceOfImage(sql, key),
  };
}

export function imageWrites(sql: Transaction): ImageWrites {
  return {
    async insertImages(run, attemptId, engine, images, now) {
      await ensureEngine(sql, engine, now);
      const { id: runId, jobId, project } = run;
      const compared = await withDifferences(sql, run, images);
      const kept: KeptImage[] = [];
      for (const { image, difference } of compared) {
        const origin = { runId, attemptId, jobId, project, engine };
        const key = await insertImage(sql, origin, image, difference, now);
        const { provenance: _apart, recipe: _inThere, ...rest } = image;
        kept.push({ ...rest, key, ...(difference && { difference }) });
      }
      return kept;
    },
  };
}

/** Before any of them is there: a run is not compared with itself. */
function withDifferences(sql: Sql, { jobId, slug }: Run, images: readonly NewImage[]) {
  return Promise.all(
    images.map(async (image) => {
      const name = image.name ?? slug;
      return { image: { ...image, name }, difference: await differenceFromLast(sql, jobId, name, image) };
    }),
  );
}
