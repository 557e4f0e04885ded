import type { ExecutionField, Order, RunField } from '../../../store/contract/executions.ts';
import type { AttemptState, RunState } from '../../../words/run.ts';
import type { JobKind } from '../../../words/job.ts';
import { errorBrief } from '../present/error.ts';
import { categoryOf } from '../present/jobType.ts';
import { executionStatus, jobStatus } from '../present/statuses.ts';
import { badRequest } from '../problems.ts';

/** What a path means; `turned` where this interface counts the other way around. */
interface Meaning<Field> {
  field: Field;
  turned?: boolean;
  as?: NonNullable<Order<Field>['as']>;
}

type Paths<Field> = Readonly<Record<string, Field | Meaning<Field>>>;

const ofJobType = {
  '': 'jobKey',
  id: 'jobKey',
  pk: 'jobKey',
  name: 'jobName',
  version: 'jobVersion',
  category: { field: 'jobKind', as: (kind: string) => categoryOf(kind as JobKind) },
} as const;

/** What executions are sorted by. The document's own example leaves out the `job__` in front of `job_type__name`. */
export const executionOrder: Paths<ExecutionField> = {
  id: 'key',
  pk: 'key',
  status: { field: 'status', as: (state) => executionStatus(state as AttemptState) },
  created: 'createdAt',
  queued: 'createdAt',
  started: 'startedAt',
  ended: 'finishedAt',
  last_modified: 'modifiedAt',
  timeout: 'timeout',
  ...below<ExecutionField>('job', {
    '': 'runKey',
    id: 'runKey',
    pk: 'runKey',
    status: { field: 'runStatus', as: (state) => jobStatus(state as RunState) },
    priority: { field: 'runPriority', turned: true },
  }),
  ...below<ExecutionField>('job__job_type', { ...ofJobType, title: 'jobTitle' }),
  ...below<ExecutionField>('job_type', { ...ofJobType, title: 'jobTitle' }),
  ...below<ExecutionField>('job__event', { '': 'runKey', id: 'runKey', pk: 'runKey' }),
  ...below<ExecutionField>('node', {
    '': 'engineKey',
    id: 'engineKey',
    pk: 'engineKey',
    hostname: 'engineName',
    slave_id: 'engineName',
    port: { field: 'engineName', as: () => 0 },
  }),
  ...below<ExecutionField>('error', {
    '': { field: 'error', as: (reason) => errorBrief(reason).id },
    id: { field: 'error', as: (reason) => errorBrief(reason).id },
    pk: { field: 'error', as: (reason) => errorBrief(reason).id },
    name: { field: 'error', as: (reason) => errorBrief(reason).name },
    title: { field: 'error', as: (reason) => errorBrief(reason).title },
    category: { field: 'error', as: (reason) => errorBrief(reason).category },
  }),
};

/** The same of jobs, which are runs. */
export const jobOrder: Paths<RunField> = {
  id: 'key',
  pk: 'key',
  status: { field: 'status', as: (state) => jobStatus(state as RunState) },
  priority: { field: 'priority', turned: true },
  created: 'createdAt',
  queued: 'createdAt',
  started: 'startedAt',
  ended: 'endedAt',
  last_modified: 'modifiedAt',
  last_status_change: 'modifiedAt',
  ...below<RunField>('job_type', ofJobType),
  ...below<RunField>('event', { '': 'key', id: 'key', pk: 'key' }),
};

/**
 * What `order` asks for, which may be there several times; a dash in front turns one around, a blank one says nothing.
 * `usual` where it says nothing at all. Throws a Problem (400) where one is not known.
 */
export function orderOf<Field extends string>(
  query: URLSearchParams,
  paths: Paths<Field>,
  usual: readonly Order<NoInfer<Field>>[],
): readonly Order<Field>[] {
  const asked = query.getAll('order').filter((path) => path.trim() !== '');
  const orders = asked.map((path) => oneOrder(path, paths));
  // What a field was sorted by before does not sort it again.
  const first = orders.filter((one, i) => orders.findIndex((other) => isSame(one, other)) === i);
  return first.length === 0 ? usual : first;
}

function oneOrder<Field extends string>(path: string, paths: Paths<Field>): Order<Field> {
  const isTurned = path.startsWith('-');
  const name = isTurned ? path.slice(1) : path;
  const found = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (found === undefined) throw badRequest(`Invalid order field: "${name.slice(0, 200)}"`);
  const { field, turned = false, as }: Meaning<Field> = typeof found === 'string' ? { field: found } : found;
  return { field, descending: isTurned !== turned, ...(as && { as }) };
}

function isSame<Field>(one: Order<Field>, other: Order<Field>): boolean {
  return one.field === other.field && one.as === other.as;
}

function below<Field>(parent: string, paths: Paths<Field>): Paths<Field> {
  return Object.fromEntries(
    Object.entries(paths).map(([name, meaning]) => [name === '' ? parent : `${parent}__${name}`, meaning]),
  );
}
