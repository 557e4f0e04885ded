import type { AttemptState } from '../../words/run.ts';
import type {
  ExecutionCount,
  ExecutionField,
  ExecutionFilter,
  OffsetPage,
  Order,
} from '../contract/executions.ts';
import type { Sql } from '../sql.ts';
import { type AttemptBlock, attemptBlocks } from '../statements/attemptBlocks.ts';
import { knownEngines } from '../statements/executedJobs.ts';
import { type Group, groupsOf } from '../statements/listGroups.ts';
import { attemptTable } from '../statements/listTable.ts';
import { type Blocks, fittingBlocks, hasWholeBlock } from './blocks.ts';
import { fittingRows, sortedPage } from './few.ts';
import { during, isAmong, isOfJobs, timesOf } from './filter.ts';
import { listOf } from './list.ts';
import { resolved, type Sorting } from './order.ts';
import { pageOf } from './page.ts';
import { countOf, type Search } from './search.ts';

type Column = keyof typeof attemptTable.columns;

const byKey = { column: 'key', has: () => true } as const;
const byChange = { column: 'modified_at', has: () => true } as const;
const ended = ({ courseFacts: { state } }: Group) => state !== 'queued' && state !== 'running';
const failures: ReadonlySet<AttemptState> = new Set(['failed', 'timed_out', 'lost', 'released']);

const list = listOf<Column>(attemptTable, {
  isEnded: ended,
  isBusy: ({ courseFacts: { state } }) => state === 'running',
  byChange,
  endColumns: ['modified_at', 'finished_at'],
  openColumns: ['queued_at', 'modified_at'],
});

const sorting: Sorting<Exclude<ExecutionField, 'engineName'>, Column> = {
  own: {
    key: byKey,
    createdAt: { column: 'queued_at', has: () => true },
    startedAt: { column: 'started_at', has: ({ courseFacts }) => courseFacts.started },
    finishedAt: { column: 'finished_at', has: ended },
    modifiedAt: byChange,
    runKey: { column: 'run_key', has: () => true },
  },
  shared: {
    status: ({ courseFacts }) => courseFacts.state,
    timeout: ({ origin }) => origin.timeoutMs,
    runStatus: ({ courseFacts }) => courseFacts.runState,
    runPriority: ({ origin }) => origin.priority,
    jobName: ({ origin }) => origin.slug,
    jobTitle: ({ origin }) => `${origin.project}/${origin.slug}`,
    jobVersion: ({ origin }) => origin.version,
    jobKind: ({ origin }) => origin.kind,
    jobKey: ({ origin }) => origin.jobKey,
    engineKey: ({ courseFacts }) => courseFacts.engineKey,
    error: ({ courseFacts: { state, reason } }) => (failures.has(state) ? reason : null),
  },
};

/** The keys of the attempts on a page. */
export async function executionKeys(
  sql: Sql,
  filter: ExecutionFilter,
  order: readonly Order<ExecutionField>[],
  page: OffsetPage,
): Promise<number[]> {
  const { all, fitting } = await groupsFor(sql, filter);
  const sorted = resolved(order, await sortingFor(sql, order), byKey);
  if (filter.runId !== undefined)
    return sortedPage(fittingRows(await list.named.ofRun(sql, filter.runId), fitting, filter), sorted, page);
  const search = searchFor(sql, filter, { all, fitting });
  return pageOf(search, await during(search, fitting), sorted, page);
}

/** How many attempts fit. */
export async function countExecutions(sql: Sql, filter: ExecutionFilter): Promise<number> {
  const groups = await groupsFor(sql, filter);
  if (filter.runId !== undefined)
    return fittingRows(await list.named.ofRun(sql, filter.runId), groups.fitting, filter).length;
  return countOf(await during(searchFor(sql, filter, groups), groups.fitting));
}

/** How many attempts of each state there are, by job and engine. */
export async function executionCounts(sql: Sql, project: string | undefined): Promise<ExecutionCount[]> {
  const { fitting } = await groupsFor(sql, project === undefined ? {} : { project });
  const counts = new Map<string, ExecutionCount>();
  for (const { origin, courseFacts, rows: count } of fitting) {
    const place = { jobKey: origin.jobKey, engineKey: courseFacts.engineKey, state: courseFacts.state };
    const name = Object.values(place).join(' ');
    counts.set(name, { ...place, count: (counts.get(name)?.count ?? 0) + count });
  }
  return [...counts.values()];
}

interface Groups {
  all: readonly Group[];
  fitting: readonly Group[];
}

function searchFor(sql: Sql, filter: ExecutionFilter, { all, fitting }: Groups): Search<Column> {
  const search = { sql, list, all, ...timesOf(filter) };
  const some = fitting.filter(ended);
  let summed: Promise<AttemptBlock[]> | undefined;
  let blocks: Promise<Blocks | undefined> | undefined;
  const blocksOf = () => (summed ??= attemptBlocks(sql));
  return {
    ...search,
    blocks: () => (blocks ??= blocksOf().then((found) => fittingBlocks(search, some, found))),
    hasWhole: async () => hasWholeBlock(await blocksOf(), search),
  };
}

async function groupsFor(sql: Sql, filter: ExecutionFilter): Promise<Groups> {
  const all = await groupsOf(sql, 'attempts');
  return { all, fitting: all.filter((group) => fits(group, filter)) };
}

function fits(group: Group, filter: ExecutionFilter): boolean {
  const { state, engineKey } = group.courseFacts;
  const { states, engineKeys } = filter;
  if (!isOfJobs(group, filter) || !isAmong(states, state)) return false;
  return engineKeys === undefined || (engineKey !== null && engineKeys.includes(engineKey));
}

/** Engines are asked for where the order needs their names. */
async function sortingFor(
  sql: Sql,
  order: readonly Order<ExecutionField>[],
): Promise<Sorting<ExecutionField, Column>> {
  const isByName = order.some(({ field }) => field === 'engineName');
  const engines = isByName ? await knownEngines(sql) : [];
  const names = new Map(engines.map(({ key, name }) => [key, name]));
  const engineName = ({ courseFacts: { engineKey } }: Group) => names.get(engineKey ?? 0) ?? null;
  return { ...sorting, shared: { ...sorting.shared, engineName } };
}
