import { executionOrder } from './order.ts';
import { badRequest } from '../problems.ts';

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

export interface ShownOrder {
  /** As it was asked for. */
  name: string;
  steps: readonly string[];
  descending: boolean;
}

/**
 * What `order` asks for where a part of it is known from the shown executions only; undefined where the store knows all
 * of it, or where it asks for what nobody knows.
 */
export function shownOrderOf(query: URLSearchParams): readonly ShownOrder[] | undefined {
  const asked = query.getAll('order').filter((path) => path.trim() !== '');
  const orders = asked.map(shownOrder);
  if (!orders.some(({ name }) => shownOnly.has(name))) return undefined;
  return orders.every(({ name }) => shownOnly.has(name) || Object.hasOwn(executionOrder, name))
    ? orders
    : undefined;
}

/** Throws a Problem (400) where they are too many to be sorted so. */
export function refuseUnsortable(order: readonly ShownOrder[], count: number): void {
  const name = order.find((one) => shownOnly.has(one.name))?.name ?? '';
  if (count > mostSorted)
    throw badRequest(
      `Too many results to order by "${name}": ${count}, but at most ${mostSorted} can be. Use filters.`,
    );
}

/** Without a value: last where it ascends, first where it descends. */
export function sortedAsShown<T extends { sortedBy: object }>(
  items: readonly T[],
  order: readonly ShownOrder[],
): T[] {
  return items.toSorted((a, b) => {
    for (const { steps, descending } of order) {
      const difference = compare(valueAt(a.sortedBy, steps), valueAt(b.sortedBy, steps));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}

function shownOrder(path: string): ShownOrder {
  const descending = path.startsWith('-');
  const name = descending ? path.slice(1) : path;
  const steps = name.split('__').map((step) => (step === 'pk' ? 'id' : step));
  // The document's own example leaves out the job.
  return { name, descending, steps: steps[0] === 'job_type' ? ['job', ...steps] : steps };
}

/** An object is its id. */
function valueAt(item: unknown, steps: readonly string[]): unknown {
  let value = item;
  for (const step of steps) value = memberOf(value, step);
  return typeof value === 'object' ? memberOf(value, 'id') : value;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function compare(a: unknown, b: unknown): number {
  const [hasA, hasB] = [a !== null && a !== undefined, b !== null && b !== undefined];
  if (!hasA || !hasB) return Number(hasB) - Number(hasA);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
