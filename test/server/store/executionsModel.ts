import fc from 'fast-check';
import type {
  Execution,
  ExecutionField,
  ExecutionFilter,
  ListedRun,
  Order,
  RunField,
  RunListFilter,
} from '../../../server/store/contract/executions.ts';
import { executionFields, runFields } from '../../../server/store/contract/executions.ts';
import type { Reads } from '../../../server/store/store.ts';
import { jobKinds } from '../../../server/words/job.ts';
import { attemptStates, isPart, runStates } from '../../../server/words/run.ts';
import { known } from './temporaryStore.ts';

type Value = string | number | null;
type Values<Field extends string> = Record<Field, Value>;

/** All that lists have to be made of, row by row. */
export interface Everything {
  executions: Execution[];
  runs: ListedRun[];
}

export async function everything(read: Reads): Promise<Everything> {
  const runs = (await read.runs({}, { limit: 10_000 })).filter((run) => !isPart(run));
  const executions = [];
  for (const { id } of runs)
    for (const { key } of await read.attempts(id)) executions.push(await known(read.execution(key)));
  const listed = [];
  for (const { key } of runs) listed.push(await known(read.listedRun(key)));
  return { executions, runs: listed };
}

const failures = new Set(['failed', 'timed_out', 'lost', 'released']);

function valuesOf({ attempt, run, job, engine, modifiedAt }: Execution): Values<ExecutionField> {
  return {
    key: attempt.key,
    status: attempt.state,
    createdAt: attempt.queuedAt,
    startedAt: attempt.startedAt,
    finishedAt: attempt.finishedAt,
    modifiedAt,
    timeout: run.timeoutMs,
    runKey: run.key,
    runStatus: run.state,
    runPriority: run.priority,
    jobName: job.slug,
    jobTitle: `${job.project}/${job.slug}`,
    jobVersion: job.version,
    jobKind: job.kind,
    jobKey: job.key,
    engineName: engine?.name ?? null,
    engineKey: engine?.key ?? null,
    error: failures.has(attempt.state) ? attempt.reason : null,
  };
}

function runValuesOf({ run, job, modifiedAt }: ListedRun): Values<RunField> {
  return {
    key: run.key,
    status: run.state,
    priority: run.priority,
    createdAt: run.key,
    startedAt: run.startedAt,
    endedAt: run.completedAt,
    modifiedAt,
    jobName: job.slug,
    jobVersion: job.version,
    jobKind: job.kind,
    jobKey: job.key,
  };
}

export function fittingExecutions(all: Everything, filter: ExecutionFilter): Execution[] {
  return all.executions.filter(({ attempt, run, job, engine, modifiedAt }) => {
    const ofJob = fitsJob(job, filter) && (filter.runId ?? run.id) === run.id;
    const engineKey = engine?.key ?? -1;
    const fits = among(filter.states, attempt.state) && among(filter.engineKeys, engineKey);
    return ofJob && fits && isDuring(modifiedAt, filter);
  });
}

export function fittingRuns(all: Everything, filter: RunListFilter): ListedRun[] {
  return all.runs.filter(({ run, job, modifiedAt }) => {
    const fits = among(filter.keys, run.key) && among(filter.states, run.state);
    const ofReason =
      filter.reasons === undefined || (run.reason !== null && filter.reasons.includes(run.reason));
    return fits && ofReason && fitsJob(job, filter) && isDuring(modifiedAt, filter);
  });
}

export function sortedExecutions(list: readonly Execution[], order: readonly Order<ExecutionField>[]) {
  return sortedBy(list, order, valuesOf).map(({ attempt }) => attempt.key);
}

export function sortedRuns(list: readonly ListedRun[], order: readonly Order<RunField>[]) {
  return sortedBy(list, order, runValuesOf).map(({ run }) => run.key);
}

function sortedBy<T, Field extends string>(
  list: readonly T[],
  order: readonly Order<Field>[],
  of: (one: T) => Values<Field>,
): T[] {
  const last = { field: 'key' as Field, descending: order.at(-1)?.descending ?? false };
  const fields: readonly Order<Field>[] = [...order, last];
  return list.toSorted((a, b) => {
    for (const { field, descending, as } of fields) {
      const [left, right] = [valueIn(of(a), field, as), valueIn(of(b), field, as)];
      const result = compared(left, right);
      if (result !== 0) return descending ? -result : result;
    }
    return 0;
  });
}

function valueIn<Field extends string>(values: Values<Field>, field: Field, as: Order<Field>['as']): Value {
  const value = values[field];
  return as && typeof value === 'string' ? as(value) : value;
}

/** As PostgreSQL has it: what is not there comes last. */
function compared(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

function fitsJob(job: Execution['job'], filter: ExecutionFilter | RunListFilter): boolean {
  const { project, jobKeys, slugs, kinds } = filter;
  const ofJob = among(jobKeys, job.key) && among(slugs, job.slug) && among(kinds, job.kind);
  return ofJob && (project ?? job.project) === job.project;
}

function among<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.includes(value);
}

function isDuring(at: number, { modifiedFrom, modifiedTo }: ExecutionFilter | RunListFilter): boolean {
  return (modifiedFrom ?? at) <= at && at <= (modifiedTo ?? at);
}

/** A few of the words, and those of nobody now and then; hardly ever none. */
const some = <T>(...words: T[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 }) },
    { weight: 1, arbitrary: fc.constant<T[]>([]) },
  );
const times = fc.integer({ min: 900, max: 9000 });
const ofJobs = {
  project: fc.constantFrom('acme', 'other', 'nobody'),
  jobKeys: some(1, 2, 3, 99),
  slugs: some('site', 'api', 'none'),
  kinds: some(...jobKinds),
  modifiedFrom: times,
  modifiedTo: times,
};

/** Most filters say little, so that something fits. */
function rarely<T extends object>(parts: { [K in keyof T]-?: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> {
  const names = Object.keys(parts) as (keyof T)[];
  return fc.tuple(fc.record<T>(parts), fc.subarray(names, { maxLength: 2 })).map(([filter, kept]) => {
    const entries = kept.map((name) => [name, filter[name]] as const);
    return Object.fromEntries(entries) as Partial<T>;
  });
}

export const executionFilters: fc.Arbitrary<ExecutionFilter> = rarely({
  ...ofJobs,
  states: some(...attemptStates),
  engineKeys: some(1, 2, 99),
});

export const runFilters: fc.Arbitrary<RunListFilter> = rarely({
  ...ofJobs,
  states: some(...runStates),
  keys: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 30 }),
  reasons: some('timeout', 'canceled', 'lost', 'nothing'),
});

const words = (value: string): Value => (value.length % 3 === 0 ? null : value.length);

function ordersOf<Field extends string>(fields: readonly Field[]): fc.Arbitrary<Order<Field>[]> {
  const order: fc.Arbitrary<Order<Field>> = fc.record(
    { field: fc.constantFrom(...fields), descending: fc.boolean(), as: fc.constant(words) },
    { requiredKeys: ['field', 'descending'] },
  );
  return fc.array(order, { maxLength: 3 });
}

export const executionOrders = ordersOf(executionFields);
export const runOrders = ordersOf(runFields);
export const offsetPages = fc.record({ offset: fc.nat(240), limit: fc.nat(60) });
