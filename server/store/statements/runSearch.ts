import { isTerminal, type Run } from '../../words/run.ts';
import type { FoundRuns, RunPage, RunSearch } from '../contract/runs.ts';
import { integer } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement } from '../sql.ts';
import { asksForPayload, fittingPayloads, payloadsAtOnce } from './payloadSearch.ts';
import { runOf } from './runs.ts';
import { besideValues, type Way, ways } from './searchWays.ts';

/** One query of those whose answers together are the search's. */
interface Stream {
  way: Way;
  values: readonly SqlValue[];
}

interface Window {
  rows: number;
  /** A search that few runs fit ends after as many rows. */
  most: number;
}
const usualWindow: Window = { rows: 2000, most: 20_000 };
const payloadWindow: Window = { rows: payloadsAtOnce, most: 4000 };

const atOrBelow = statement('SELECT key, created_at FROM runs WHERE key <= $1 ORDER BY key DESC LIMIT 1');

const maxKey = 2_147_483_647;
const latest = 8_640_000_000_000_000;
/** Keys follow the order of commits, which differs by less than this from the order of creation. */
const disorderMs = 1000;

type Page = RunPage & { createdBefore?: number };

/** Newest first. Along an index alone it costs as much as its answer; with conditions beside it, at most `most` rows. */
export async function searchRuns(sql: Sql, search: RunSearch, page: Page): Promise<FoundRuns> {
  const { states, triggers, reasons } = search;
  if ([states, triggers, reasons].some((words) => words?.length === 0)) return { runs: [] };
  const { streams, rest } = planOf(search);
  const { limit, createdBefore = latest } = page;
  const span = { newest: await newestOf(sql, page), createdBefore, limit };
  const look = isEmpty(rest)
    ? (stream: Stream) => firstRows(sql, stream, span)
    : (stream: Stream) => fittingRows(sql, stream, rest, span, streams.length);
  return merged(await Promise.all(streams.map(look)), limit);
}

type Plan = { streams: Stream[]; rest: RunSearch };

/** The narrowest index, a query for each state where it has states in it; and what is left to be looked at. */
function planOf(search: RunSearch): Plan {
  const { project, jobId, states, batchId, parentRunId, ...others } = search;
  if (batchId !== undefined)
    return { streams: [{ way: ways.batch, values: [batchId] }], rest: without(search, 'batchId') };
  if (parentRunId !== undefined)
    return { streams: [{ way: ways.parent, values: [parentRunId] }], rest: without(search, 'parentRunId') };
  const owner = jobId ?? project;
  const rest = jobId === undefined || project === undefined ? others : { ...others, project };
  if (owner === undefined) return { streams: statesAlone(states), rest };
  const [whole, byState] =
    jobId === undefined ? [ways.project, ways.projectState] : [ways.job, ways.jobState];
  if (!states) return { streams: [{ way: whole, values: [owner] }], rest };
  return { streams: [...new Set(states)].map((state) => ({ way: byState, values: [owner, state] })), rest };
}

function statesAlone(states: RunSearch['states']): Stream[] {
  if (!states) return [{ way: ways.all, values: [] }];
  return [...new Set(states)].flatMap((state) =>
    (isTerminal(state) ? [0, 1] : [0]).map((archived) => ({ way: ways.state, values: [state, archived] })),
  );
}

/** What is asked of each stream. */
interface Span {
  /** The greatest key that is asked for. */
  newest: number;
  createdBefore: number;
  limit: number;
}

/** What one stream gave: its newest rows that fit. Of those below `complete` it may not have seen all. */
interface Seen {
  runs: Run[];
  complete: number;
}

async function firstRows(sql: Sql, { way, values }: Stream, span: Span): Promise<Seen> {
  const rows = await sql.all(way.page, [...values, span.newest, span.createdBefore, span.limit]);
  return { runs: rows.map(runOf), complete: 0 };
}

/** `share` is how many streams share what may be read. */
async function fittingRows(
  sql: Sql,
  { way, values }: Stream,
  rest: RunSearch,
  { createdBefore, limit, newest }: Span,
  share: number,
): Promise<Seen> {
  const window = asksForPayload(rest) ? payloadWindow : usualWindow;
  const conditions = besideValues(rest);
  const runs: Run[] = [];
  let next = newest;
  for (let looked = 0; looked < window.most / share && runs.length < limit;) {
    const end = await sql.get(way.windowEnd, [...values, next, window.rows - 1]);
    const oldest = end ? integer(end, 'key') : 0;
    const wanted = Math.min(window.rows, limit - runs.length);
    const rows = await sql.all(way.window, [...values, oldest, next, createdBefore, ...conditions, wanted]);
    runs.push(...(await fitting(sql, rows, rest)));
    const isCut = rows.length === wanted;
    if (!isCut && oldest === 0) return { runs, complete: 0 };
    next = (isCut ? lowestOf(rows) : oldest) - 1;
    looked += isCut ? rows.length : window.rows;
  }
  return { runs, complete: runs.length < limit ? next + 1 : 0 };
}

/** Of rows that fit as far as SQL can tell, those that do. */
async function fitting(sql: Sql, rows: readonly Row[], search: RunSearch): Promise<Run[]> {
  const { tags, metadata } = search;
  const runs = rows.map(runOf).filter((run) => hasAll(run.tags, tags) && hasAll(run.metadata, metadata));
  return runs.length > 0 && asksForPayload(search) ? fittingPayloads(sql, runs, search) : runs;
}

function hasAll(members: Readonly<Record<string, string>>, wanted: RunSearch['tags'] = []): boolean {
  return wanted.every(
    ({ key, value }) => Object.hasOwn(members, key) && (value === undefined || members[key] === value),
  );
}

/** Newest first; where a stream stopped early, only what all of them have seen. */
function merged(seen: readonly Seen[], limit: number): FoundRuns {
  const complete = Math.max(0, ...seen.map((stream) => stream.complete));
  const byKey = new Map(seen.flatMap(({ runs }) => runs).map((run) => [run.key, run]));
  const runs = [...byKey.values()]
    .filter(({ key }) => key >= complete)
    .toSorted((a, b) => b.key - a.key)
    .slice(0, limit);
  return complete > 0 && runs.length < limit ? { runs, stoppedAt: complete } : { runs };
}

/** The greatest key that a page can begin with. Of a time it is a guess from above, found by halving. */
async function newestOf(sql: Sql, { beforeKey, createdBefore }: Page): Promise<number> {
  if (beforeKey !== undefined) return beforeKey - 1;
  if (createdBefore === undefined) return maxKey;
  let [older, newer] = [0, maxKey + 1];
  while (newer - older > 1) {
    const middle = Math.floor((older + newer) / 2);
    const row = await sql.get(atOrBelow, [middle]);
    if (!row || integer(row, 'created_at') < createdBefore + disorderMs) older = middle;
    else newer = integer(row, 'key');
  }
  return newer - 1;
}

function lowestOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last ? integer(last, 'key') : 0;
}

function without(search: RunSearch, name: keyof RunSearch): RunSearch {
  return Object.fromEntries(Object.entries(search).filter(([key]) => key !== name));
}

function isEmpty(rest: RunSearch): boolean {
  return Object.values(rest).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}
