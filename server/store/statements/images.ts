import type { NewImage } from '../contract/images.ts';
import { inserting } from '../inserting.ts';
import { integer, integerOrNull } from '../row.ts';
import { type Sql, statement, type Transaction } from '../sql.ts';
import type { ImageDifference } from '../../words/image.ts';

const last = statement(
  'SELECT key, bytes, duration_ms FROM images WHERE job_id = $1 AND name = $2 AND platform = $3 ORDER BY key DESC LIMIT 1',
);
const insert =
  statement(`INSERT INTO images (run_id, attempt_id, job_id, project, engine, image_id, name, tags, pushed,
    bytes, platform, base, builder, duration_ms, steps, cached_steps, difference, created_at, provenance)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) RETURNING key`);
const references = inserting('INSERT INTO image_references (image, reference, project)', '($1, $2, $3)');

export interface ImageOrigin {
  runId: string;
  attemptId: string;
  jobId: string;
  project: string;
  engine: string;
}

/** What is different from the last image of that name and platform that the job has; undefined where it has none. */
export async function differenceFromLast(
  sql: Sql,
  jobId: string,
  name: string,
  { platform, bytes, durationMs }: NewImage,
): Promise<ImageDifference | undefined> {
  const row = await sql.get(last, [jobId, name, platform]);
  if (!row) return undefined;
  const before = integerOrNull(row, 'duration_ms');
  const isTimed = before !== null && durationMs !== undefined;
  return {
    bytes: bytes - integer(row, 'bytes'),
    ...(isTimed && { durationMs: durationMs - before }),
    to: integer(row, 'key'),
  };
}

/** Gives the image its integer key, and makes it known by its references. Layers and steps stay in the run's result. */
export async function insertImage(
  sql: Transaction,
  { runId, attemptId, jobId, project, engine }: ImageOrigin,
  image: NewImage & { name: string },
  difference: ImageDifference | undefined,
  now: number,
): Promise<number> {
  const {
    id,
    name,
    tags,
    pushed = [],
    bytes,
    platform,
    base,
    builder,
    durationMs,
    steps,
    provenance,
  } = image;
  const cached = steps.filter((step) => step.cached).length;
  const row = await sql.get(insert, [
    runId,
    attemptId,
    jobId,
    project,
    engine,
    id,
    name,
    JSON.stringify(tags),
    JSON.stringify(pushed),
    bytes,
    platform,
    base ? JSON.stringify(base) : null,
    builder ?? null,
    durationMs ?? null,
    steps.length,
    cached,
    difference ? JSON.stringify(difference) : null,
    now,
    provenance ? JSON.stringify(provenance) : null,
  ]);
  if (!row) throw new Error(`the image ${id} has no row`);
  const key = integer(row, 'key');
  references.send(
    sql,
    referencesOf(image).map((reference) => [key, reference, project]),
  );
  return key;
}

/** All that it can be asked for by, each once. */
function referencesOf({ id, tags, pushed = [] }: NewImage): string[] {
  const places = pushed.flatMap(({ repository, tags: names, digest }) => [
    digest,
    ...names.map((tag) => `${repository}:${tag}`),
  ]);
  return [...new Set([id, ...tags, ...places])];
}
