import { namedJob } from '../../room/jobs/named.ts';
import type { Room } from '../../room/room.ts';
import type { ImageFilter } from '../../store/contract/images.ts';
import { digestShape } from '../../words/image.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { isUuid } from '../../words/uuid7.ts';

/** Longest name of an image that any engine takes, with its tag. */
const longestTag = 400;

/**
 * Which images a query asks for; undefined where there can be none: of another project than the key's, of a job or run
 * that is not there. Throws a Problem: 400, and 409 where several projects have a job of that name.
 */
export async function filterOf(
  room: Room,
  identity: Identity,
  query: URLSearchParams,
): Promise<ImageFilter | undefined> {
  // A digest is of few images.
  const references = [...digestOf(query), ...tagOf(query)];
  const owner = await ownerOf(room, identity, query);
  return owner && { ...owner, ...(references.length > 0 && { references }) };
}

async function ownerOf(
  room: Room,
  identity: Identity,
  query: URLSearchParams,
): Promise<Pick<ImageFilter, 'of'> | undefined> {
  const own = identity.kind === 'key' ? identity.project : null;
  const project = textOf(query, 'project', 'account') ?? own ?? undefined;
  if (project !== undefined && !sees(identity, project)) return undefined;
  const [job, run] = [textOf(query, 'job', 'repo'), await runOf(room, query)];
  const isOf = (one: { project: string } | undefined): boolean =>
    one !== undefined && sees(identity, one.project) && (project ?? one.project) === one.project;
  if (run !== 'any' && !isOf(run)) return undefined;
  const found = job === undefined ? 'any' : await namedJob(room, job, project, 'project');
  if (found !== 'any' && !isOf(found)) return undefined;
  return narrowest(project, found, run);
}

/** What is here is known to be there, and of the project. */
function narrowest(
  project: string | undefined,
  job: { id: string; project: string } | 'any' | undefined,
  run: Run | 'any' | undefined,
): Pick<ImageFilter, 'of'> | undefined {
  const isJob = job !== 'any' && job !== undefined;
  if (run !== 'any' && run !== undefined)
    return isJob && run.jobId !== job.id ? undefined : { of: { runId: run.id } };
  if (isJob) return { of: { jobId: job.id, project: job.project } };
  return project === undefined ? {} : { of: { project } };
}

async function runOf({ store }: Room, query: URLSearchParams): Promise<Run | 'any' | undefined> {
  const id = textOf(query, 'run');
  if (id === undefined) return 'any';
  if (!isUuid(id)) throw new Problem('bad_request', 'run must be the id of a run', { field: 'run' });
  return store.read.run(id.toLowerCase());
}

function tagOf(query: URLSearchParams): string[] {
  const tag = textOf(query, 'tag');
  return tag === undefined ? [] : [tag];
}

function digestOf(query: URLSearchParams): string[] {
  const digest = textOf(query, 'digest');
  if (digest === undefined) return [];
  if (!digestShape.test(digest))
    throw new Problem('bad_request', 'digest must be sha256: and 64 hexadecimal digits', { field: 'digest' });
  return [digest];
}

/** The first of these fields that says something; they mean the same. */
function textOf(query: URLSearchParams, ...fields: readonly string[]): string | undefined {
  const field = fields.find((one) => (query.get(one) ?? '') !== '');
  const text = field === undefined ? null : query.get(field);
  if (field === undefined || text === null) return undefined;
  if (text.length > longestTag || /\p{Cc}/u.test(text) || !text.isWellFormed())
    throw new Problem('bad_request', `${field} is too long, or has characters of control`, { field });
  return text;
}
