import type { ImageResult } from '../../../builder/model/spec.ts';
import type { ImageFilter, ImageReads, ImageSummary } from '../contract/images.ts';
import { integer, integerOrNull, json, jsonOrNull, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement, type Statement } from '../sql.ts';
import { given } from '../../../builder/model/given.ts';
import type { ImageDifference } from '../../words/image.ts';
import { numbered } from './numbered.ts';

type Page = Parameters<ImageReads['images']>[1];

const columns = `i.key, i.run_id, i.job_id, i.project, r.slug, i.engine, i.image_id, i.name, i.tags, i.pushed, i.bytes,
  i.platform, i.base, i.builder, i.duration_ms, i.steps, i.cached_steps, i.difference, i.created_at`;
// CROSS keeps SQLite to this order of the tables; PostgreSQL takes it as any other join.
const ofRun = 'CROSS JOIN runs r WHERE r.id = i.run_id';
const page = 'i.key <= ? AND i.created_at < ? ORDER BY i.key DESC LIMIT ?';
const known = (reference: string) =>
  `EXISTS (SELECT 1 FROM image_references o WHERE o.image = i.key AND o.reference = ${reference})`;
const along = 'FROM image_references f CROSS JOIN images i';
const byReference = `${ofRun} AND i.key = f.image AND f.reference = ?`;
const pageOfReferences = 'f.image <= ? AND i.created_at < ? ORDER BY f.image DESC LIMIT ?';

/** Of whom images are asked for; what is written behind it says how many references they have. */
const kinds = ['all', 'project', 'job', 'run'] as const;
type Kind = (typeof kinds)[number];
type Name = `${Kind} ${0 | 1 | 2}`;

const owner: Record<Kind, string> = {
  all: '',
  project: 'i.project = ? AND ',
  job: 'i.job_id = ? AND ',
  run: 'i.run_id = ? AND ',
};
const ownerBeside: Record<Kind, string> = {
  all: '',
  project: 'f.project = ? AND ',
  job: "f.project = ? AND i.job_id || '' = ? AND ",
  run: '',
};

const texts: Readonly<Record<string, Statement>> = Object.fromEntries(
  kinds.flatMap((kind) => ([0, 1, 2] as const).map((count) => [`${kind} ${count}`, listText(kind, count)])),
);
const one = statement(`SELECT ${columns} FROM images i ${ofRun} AND i.key = $1`);
const record = statement('SELECT provenance FROM images WHERE key = $1');
const newestBefore = statement(
  'SELECT key FROM images WHERE created_at < $1 ORDER BY created_at DESC, key DESC LIMIT 1',
);

const maxKey = 2_147_483_647;
/** The last time that there is, in milliseconds since 1970. */
const endOfTime = 8.64e15;

/** Newest first: along the index of the owner, or of the first reference. */
export async function listImages(
  sql: Sql,
  filter: ImageFilter,
  { limit, beforeKey = maxKey + 1, createdBefore }: Page,
): Promise<ImageSummary[]> {
  const { name, values } = queryOf(filter);
  const found = texts[name];
  if (!found) throw new Error('no statement was made for this filter');
  const newest = createdBefore === undefined ? maxKey : await newestOf(sql, createdBefore);
  const upTo = Math.min(newest, beforeKey - 1);
  const rows = await sql.all(found, [...values, upTo, createdBefore ?? endOfTime, limit]);
  return rows.map(summaryOf);
}

export async function imageByKey(sql: Sql, key: number): Promise<ImageSummary | undefined> {
  const row = await sql.get(one, [key]);
  return row && summaryOf(row);
}

export async function provenanceOfImage(sql: Sql, key: number): Promise<string | undefined> {
  const row = await sql.get(record, [key]);
  return (row && textOrNull(row, 'provenance')) ?? undefined;
}

/** Where to begin for a time, so that nobody reads all that came after it. */
async function newestOf(sql: Sql, createdBefore: number): Promise<number> {
  const row = await sql.get(newestBefore, [createdBefore]);
  return row ? integer(row, 'key') : 0;
}

function queryOf({ of, references = [] }: ImageFilter): { name: Name; values: readonly string[] } {
  const [first, second, ...others] = references;
  if (others.length > 0) throw new Error('images are asked for by two references at most');
  const count = first === undefined ? 0 : second === undefined ? 1 : 2;
  if (!of) return { name: `all ${count}`, values: references };
  if ('runId' in of) return { name: `run ${count}`, values: [of.runId, ...references] };
  const kind = 'jobId' in of ? 'job' : 'project';
  if (first === undefined) return { name: `${kind} 0`, values: ['jobId' in of ? of.jobId : of.project] };
  const owners = 'jobId' in of ? [of.project, of.jobId] : [of.project];
  return { name: `${kind} ${count}`, values: [first, ...owners, ...references.slice(1)] };
}

/** A run has few images: its index is taken whatever else is asked for. */
function listText(kind: Kind, count: 0 | 1 | 2): Statement {
  const isAlone = kind === 'run' || count === 0;
  const beside = `${known('?')} AND `.repeat(isAlone ? count : count - 1);
  const where = isAlone
    ? `FROM images i ${ofRun} AND ${owner[kind]}${beside}${page}`
    : `${along} ${byReference} AND ${ownerBeside[kind]}${beside}${pageOfReferences}`;
  return statement(numbered(`SELECT ${columns} ${where}`));
}

function summaryOf(row: Row): ImageSummary {
  const base = jsonOrNull(row, 'base') as ImageResult['base'] | null;
  const difference = jsonOrNull(row, 'difference') as ImageDifference | null;
  return {
    key: integer(row, 'key'),
    id: text(row, 'image_id'),
    name: text(row, 'name'),
    project: text(row, 'project'),
    jobId: text(row, 'job_id'),
    slug: text(row, 'slug'),
    runId: text(row, 'run_id'),
    engine: text(row, 'engine'),
    tags: json(row, 'tags') as string[],
    pushed: json(row, 'pushed') as NonNullable<ImageResult['pushed']>,
    bytes: integer(row, 'bytes'),
    platform: text(row, 'platform'),
    stepCount: integer(row, 'steps'),
    cachedSteps: integer(row, 'cached_steps'),
    builtAt: integer(row, 'created_at'),
    ...given({
      base: base ?? undefined,
      builder: (textOrNull(row, 'builder') ?? undefined) as ImageResult['builder'],
      durationMs: integerOrNull(row, 'duration_ms') ?? undefined,
      difference: difference ?? undefined,
    }),
  };
}
