import type { ImageResult } from '../../../builder/model/spec.ts';
import { type Sql, statement } from '../sql.ts';

const insert =
  statement(`INSERT INTO images (run_id, attempt_id, engine, image_id, tags, bytes, platform, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`);

export interface ImageOrigin {
  runId: string;
  attemptId: string;
  engine: string;
}

/** Gives the image its integer key. Its layers and steps stay in the run's result. */
export async function insertImage(
  sql: Sql,
  origin: ImageOrigin,
  image: ImageResult,
  now: number,
): Promise<void> {
  const { runId, attemptId, engine } = origin;
  const tags = JSON.stringify(image.tags);
  await sql.run(insert, [runId, attemptId, engine, image.id, tags, image.bytes, image.platform, now]);
}
