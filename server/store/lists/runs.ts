import { isTerminal } from '../../words/run.ts';
import type { OffsetPage, Order, RunField, RunListFilter } from '../contract/executions.ts';
import type { Sql } from '../sql.ts';
import { type Group, groupsOf } from '../statements/listGroups.ts';
import { runTable } from '../statements/listTable.ts';
import { fittingRows, sortedPage } from './few.ts';
import { during, isAmong, isOfJobs, timesOf } from './filter.ts';
import { listOf } from './list.ts';
import { resolved, type Sorting } from './order.ts';
import { pageOf } from './page.ts';
import { countOf } from './search.ts';

type Column = keyof typeof runTable.columns;

const byKey = { column: 'key', has: () => true } as const;
const byChange = { column: 'modified_at', has: () => true } as const;

const ended = ({ courseFacts }: Group) => isTerminal(courseFacts.runState);

const list = listOf<Column>(runTable, {
  isEnded: ended,
  isBusy: ({ courseFacts: { runState } }) => !isTerminal(runState) && runState !== 'queued',
  byChange,
  endColumns: ['modified_at', 'completed_at'],
  openColumns: ['modified_at'],
});

const sorting: Sorting<RunField, Column> = {
  own: {
    key: byKey,
    createdAt: byKey,
    startedAt: { column: 'started_at', has: ({ courseFacts }) => courseFacts.started },
    endedAt: { column: 'completed_at', has: ended },
    modifiedAt: byChange,
  },
  shared: {
    status: ({ courseFacts }) => courseFacts.runState,
    priority: ({ origin }) => origin.priority,
    jobName: ({ origin }) => origin.slug,
    jobVersion: ({ origin }) => origin.version,
    jobKind: ({ origin }) => origin.kind,
    jobKey: ({ origin }) => origin.jobKey,
  },
};

/** The keys of the runs on a page. */
export async function listedRunKeys(
  sql: Sql,
  filter: RunListFilter,
  order: readonly Order<RunField>[],
  page: OffsetPage,
): Promise<number[]> {
  const { all, fitting } = await groupsFor(sql, filter);
  const sorted = resolved(order, sorting, byKey);
  if (filter.keys)
    return sortedPage(
      fittingRows(await list.named.byKey(sql, unique(filter.keys)), fitting, filter),
      sorted,
      page,
    );
  const search = { sql, list, all, ...timesOf(filter) };
  return pageOf(search, await during(search, fitting), sorted, page);
}

/** How many runs fit. */
export async function countListedRuns(sql: Sql, filter: RunListFilter): Promise<number> {
  const { fitting } = await groupsFor(sql, filter);
  if (filter.keys)
    return fittingRows(await list.named.byKey(sql, unique(filter.keys)), fitting, filter).length;
  return countOf(await during({ sql, list, ...timesOf(filter) }, fitting));
}

async function groupsFor(sql: Sql, filter: RunListFilter): Promise<{ all: Group[]; fitting: Group[] }> {
  const all = await groupsOf(sql, 'runs');
  return { all, fitting: all.filter((group) => fits(group, filter)) };
}

function fits(group: Group, filter: RunListFilter): boolean {
  const { runState, reason } = group.courseFacts;
  if (!isOfJobs(group, filter) || !isAmong(filter.states, runState)) return false;
  return filter.reasons === undefined || (reason !== null && filter.reasons.includes(reason));
}

function unique(keys: readonly number[]): number[] {
  return [...new Set(keys)];
}
