import type { Order } from '../../../store/contract/executions.ts';
import { badRequest } from '../problems.ts';
import { executionOrder } from './order.ts';
import { sortedByValues } from './sorted.ts';

const tasks = ['pre', 'job', 'post'];
const ofTask = ['started', 'completed', 'exit_code'];
const ofNode = ['cpus', 'mem', 'disk_in', 'disk_out', 'disk_total'];
const ofJob = [
  'num_exes',
  'timeout',
  'max_tries',
  'cpus_required',
  'mem_required',
  'disk_in_required',
  'disk_out_required',
  'created',
  'queued',
  'started',
  'ended',
  'last_status_change',
  'last_modified',
  'job_type_rev',
  'event__type',
  'event__occurred',
];

/** What only the shown execution says: nothing in the store is sorted by it. */
const shownOnly: ReadonlySet<string> = new Set([
  'command_arguments',
  ...tasks.flatMap((task) => ofTask.map((fact) => `${task}_${fact}`)),
  ...ofNode.map((resource) => `${resource}_scheduled`),
  ...ofJob.map((fact) => `job__${fact}`),
]);

/** So many executions are sorted by what they show; more must be narrowed by filters. */
const mostSorted = 1000;

/** By a path, as it was asked for. */
export type ShownOrder = Pick<Order<string>, 'field' | 'descending'>;

/**
 * What `order` asks for where a part of it is known from the shown executions only; undefined where the store knows all
 * of it, or where it asks for what nobody knows.
 */
export function shownOrderOf(query: URLSearchParams): readonly ShownOrder[] | undefined {
  const asked = query.getAll('order').filter((path) => path.trim() !== '');
  const orders = asked.map(shownOrder);
  if (!orders.some(({ field }) => shownOnly.has(field))) return undefined;
  return orders.every(({ field }) => shownOnly.has(field) || Object.hasOwn(executionOrder, field))
    ? orders
    : undefined;
}

/** Throws a Problem (400) where they are too many to be sorted so. */
export function refuseUnsortable(order: readonly ShownOrder[], count: number): void {
  const name = order.find(({ field }) => shownOnly.has(field))?.field ?? '';
  if (count > mostSorted)
    throw badRequest(
      `Too many results to order by "${name}": ${count}, but at most ${mostSorted} can be. Use filters.`,
    );
}

export function sortedAsShown<T extends { sortedBy: object }>(
  items: readonly T[],
  order: readonly ShownOrder[],
): T[] {
  return sortedByValues(items, order, (item, path) => valueAt(item.sortedBy, path));
}

function shownOrder(path: string): ShownOrder {
  const descending = path.startsWith('-');
  return { field: descending ? path.slice(1) : path, descending };
}

/** What stands at a path; an object is its id. */
function valueAt(item: object, path: string): unknown {
  const steps = path.split('__').map((step) => (step === 'pk' ? 'id' : step));
  // The document's own example leaves out the job.
  const whole = steps[0] === 'job_type' ? ['job', ...steps] : steps;
  const value = whole.reduce<unknown>(memberOf, item);
  return typeof value === 'object' ? memberOf(value, 'id') : value;
}

/** Null where there is no such member. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  return (value as Record<string, unknown>)[name] ?? null;
}
