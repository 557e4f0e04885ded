import type { Room } from '../../room/room.ts';
import type { RunFilter } from '../../store/contract/runs.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';
import { type Identity, sees } from '../../words/scopes.ts';
import { filterOfStatus, type Status, statuses } from './statuses.ts';

/** Jobs in an answer where the request names no limit, and in one read of the store. */
const defaultLimit = 1000;

export interface ListQuery {
  filter: RunFilter;
  /** Undefined is all of them. */
  limit: number | undefined;
  before: string | undefined;
}

/** The first of repeated values counts; unknown keys are ignored, as the original did. */
export function parseListQuery(query: URLSearchParams): ListQuery {
  const status = query.get('status');
  if (status !== null && !isStatus(status))
    throw new Problem('bad_request', `status must be one of ${statuses.join(', ')}`, { field: 'status' });
  const named: [keyof RunFilter, string][] = [
    ['project', 'account'],
    ['slug', 'repo'],
    ['id', 'id'],
    ['ref', 'ref'],
    ['bobfile', 'bobfile'],
  ];
  const wanted = named.flatMap(([field, key]) => {
    const value = query.get(key);
    return value === null ? [] : [[field, value] as const];
  });
  return {
    filter: { ...Object.fromEntries(wanted), ...(status !== null && filterOfStatus(status)) },
    limit: parseLimit(query.get('limit')),
    before: query.get('before') ?? undefined,
  };
}

/** The same for what an identity sees: its own project only. Undefined where it asks for another one. */
export function visibleTo(identity: Identity, query: ListQuery): ListQuery | undefined {
  if (identity.kind === 'admin' || identity.project === null) return query;
  const { project } = identity;
  if ((query.filter.project ?? project) !== project) return undefined;
  return { ...query, filter: { ...query.filter, project } };
}

function parseLimit(text: string | null): number | undefined {
  if (text === null) return defaultLimit;
  if (text === 'all') return undefined;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1)
    throw new Problem('bad_request', 'limit must be a whole number from 1, or all', { field: 'limit' });
  return limit;
}

function isStatus(text: string): text is Status {
  return (statuses as readonly string[]).includes(text);
}

/** The runs of a list, newest first, read in pages so that neither a long list nor a slow reader fills the memory. */
export async function* listRuns(
  room: Room,
  { filter, limit, before }: ListQuery,
  identity: Identity,
): AsyncGenerator<Run[]> {
  let beforeKey = await keyOf(room, before, identity);
  let left = limit ?? Infinity;
  while (left > 0) {
    const size = Math.min(left, defaultLimit);
    const page = await room.store.read.runs(filter, {
      limit: size,
      ...(beforeKey !== undefined && { beforeKey }),
    });
    if (page.length > 0) yield page;
    if (page.length < size) return;
    left -= page.length;
    beforeKey = page.at(-1)?.key;
  }
}

async function keyOf(room: Room, id: string | undefined, identity: Identity): Promise<number | undefined> {
  if (id === undefined) return undefined;
  const run = await room.store.read.run(id);
  if (!run || !sees(identity, run.project))
    throw new Problem('bad_request', `before names no job: ${id}`, { field: 'before' });
  return run.key;
}
