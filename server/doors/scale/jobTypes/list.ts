import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { Order } from '../../../store/contract/executions.ts';
import type { JobRow } from '../../../store/contract/jobs.ts';
import { ownRuns } from '../jobs/filter.ts';
import { sendPage } from '../paging/sendPage.ts';
import { categoryOf, jobTypeBrief, kindsOf } from '../present/jobType.ts';
import { jobTypeOwn } from '../present/jobTypeDetail.ts';
import { timeRangeOf } from '../query/instants.ts';
import { orderOf } from '../query/order.ts';
import { sortedBy } from '../query/sorted.ts';
import { textsOf } from '../query/values.ts';
import { executedOf, jobRows, type KeyedJob, keyedJobs } from './find.ts';

const fields = [
  'id',
  'name',
  'version',
  'title',
  'category',
  'is_active',
  'is_paused',
  'created',
  'last_modified',
] as const;
type JobTypeField = (typeof fields)[number];
const paths: Readonly<Record<string, JobTypeField>> = {
  ...Object.fromEntries(fields.map((field) => [field, field])),
  pk: 'id',
};
const usualOrder: readonly Order<JobTypeField>[] = [
  { field: 'name', descending: false },
  { field: 'version', descending: false },
];

/** `GET /job-types/` */
export async function sendJobTypes(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const fits = filterOf(query, room.now());
  const order = orderOf(query, paths, usualOrder);
  const rows = await jobRows(room, ownRuns(identityOf(response)).project);
  const sorted = sortedRows(rows.filter(fits), order);
  await sendPage(request, response, {
    count: sorted.length,
    async results(offset, limit) {
      const jobs = await keyedJobs(room, sorted.slice(offset, offset + limit));
      return jobs.map((job) => jobTypeJson(room, job));
    },
  });
}

export function jobTypeJson(room: Room, keyed: KeyedJob): Record<string, unknown> {
  return { ...jobTypeBrief(executedOf(keyed)), ...jobTypeOwn(keyed.job, room.policy()) };
}

function filterOf(query: URLSearchParams, now: number): (row: JobRow) => boolean {
  const { modifiedFrom = -Infinity, modifiedTo = Infinity } = timeRangeOf(query, now);
  const names = textsOf(query, 'name');
  const categories = textsOf(query, 'category');
  const kinds = categories && kindsOf(categories);
  return ({ slug, kind, updatedAt }) =>
    updatedAt >= modifiedFrom &&
    updatedAt <= modifiedTo &&
    (names?.includes(slug) ?? true) &&
    (kinds?.includes(kind) ?? true);
}

function sortedRows(rows: readonly JobRow[], order: readonly Order<JobTypeField>[]): JobRow[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const sorted = sortedBy(rows.map(sortable), order);
  return sorted.flatMap(({ id }) => byKey.get(id as number) ?? []);
}

function sortable(row: JobRow): Record<JobTypeField, unknown> {
  return {
    id: row.key,
    name: row.slug,
    version: String(row.version),
    title: `${row.project}/${row.slug}`,
    category: categoryOf(row.kind),
    is_active: row.enabled,
    is_paused: row.paused,
    created: row.createdAt,
    last_modified: row.updatedAt,
  };
}
