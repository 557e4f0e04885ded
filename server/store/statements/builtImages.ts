import type { BuiltImage, RememberedImage } from '../contract/retention.ts';
import { integer, integerOrNull, json, text } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

// A run that built for several platforms has the images of its child runs once more.
const newestOfJob = `EXISTS (SELECT 1 FROM images i WHERE i.attempt_id = b.attempt_id AND NOT EXISTS (
    SELECT 1 FROM images n WHERE n.job_id = i.job_id AND n.name = i.name AND n.platform = i.platform AND n.key > i.key AND n.image_id <> i.image_id))`;
const ofEngine =
  statement(`SELECT b.engine, b.image, b.attempt_id, b.job_id, b.names, b.layer, b.made_at, b.used_at,
    CASE WHEN ${newestOfJob} THEN 1 ELSE 0 END AS newest,
    (SELECT r.key FROM attempts a JOIN runs r ON r.id = a.run_id WHERE a.id = b.attempt_id) AS run_key
  FROM built_images b WHERE b.engine = $1`);
// A step that became an image stays one of ours; an image is given its names when its build is over.
const remember = statement(`INSERT INTO built_images
    (engine, image, attempt_id, job_id, names, layer, made_at, used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (engine, image) DO UPDATE SET attempt_id = excluded.attempt_id, job_id = excluded.job_id,
    names = CASE WHEN excluded.names = '[]' THEN built_images.names ELSE excluded.names END,
    layer = CASE WHEN excluded.layer = 1 THEN 1 ELSE built_images.layer END, used_at = excluded.used_at`);
const use = statement(
  'UPDATE built_images SET attempt_id = $3, job_id = $4, used_at = $5 WHERE engine = $1 AND image = $2',
);
const forget = statement('DELETE FROM built_images WHERE engine = $1 AND image = $2');

export async function builtImagesOf(sql: Sql, engine: string): Promise<RememberedImage[]> {
  const rows = await sql.all(ofEngine, [engine]);
  return rows.map((row) => ({
    engine: text(row, 'engine'),
    image: text(row, 'image'),
    attemptId: text(row, 'attempt_id'),
    jobId: text(row, 'job_id'),
    names: json(row, 'names') as string[],
    isLayer: integer(row, 'layer') === 1,
    madeAt: integer(row, 'made_at'),
    usedAt: integer(row, 'used_at'),
    isNewest: integer(row, 'newest') === 1,
    runKey: integerOrNull(row, 'run_key'),
  }));
}

export async function rememberImage(sql: Sql, made: BuiltImage): Promise<void> {
  const { engine, image, attemptId, jobId, names, isLayer, madeAt, usedAt } = made;
  const values = [attemptId, jobId, JSON.stringify(names), Number(isLayer), madeAt, usedAt];
  await sql.run(remember, [engine, image, ...values]);
}

export async function useImage(
  sql: Sql,
  image: string,
  { engine, attemptId, jobId, usedAt }: Pick<BuiltImage, 'engine' | 'attemptId' | 'jobId' | 'usedAt'>,
): Promise<void> {
  await sql.run(use, [engine, image, attemptId, jobId, usedAt]);
}

export async function forgetImage(sql: Sql, engine: string, image: string): Promise<void> {
  await sql.run(forget, [engine, image]);
}
