import {
  type ExecutionField,
  executionFields,
  type ExecutionFilter,
} from '../../server/store/contract/executions.ts';
import type { Store } from '../../server/store/store.ts';
import { firstAt } from './executions.ts';
import { timed } from './pairs.ts';
import { median } from './statistics.ts';

const limit = 100;
const hourMs = 3_600_000;
/** How often the slowest pages are looked at again, and how many of them: once, anything may have come between. */
const [rounds, slowest] = [5, 12];

/** Filters that leave something of a history of so many executions, one each second. */
function filtersOf(total: number): Record<string, ExecutionFilter> {
  const at = (part: number) => firstAt + total * part * 1000;
  const half = { modifiedFrom: at(0.25), modifiedTo: at(0.75) };
  const odd = Array.from({ length: 10 }, (_, index) => 2 * index + 1);
  const failed = { states: ['failed', 'timed_out'] } as const;
  return {
    all: {},
    failed,
    'one job': { jobKeys: [3] },
    'half of the jobs': { jobKeys: odd },
    'one kind': { kinds: ['http'] },
    'two engines': { engineKeys: [1, 2] },
    'an hour': { modifiedFrom: at(0.5), modifiedTo: at(0.5) + hourMs },
    'the last tenth': { modifiedFrom: at(0.9) },
    'half of the time': half,
    'all of the time': { modifiedFrom: at(0), modifiedTo: at(2) },
    'half of the time, failed': { ...half, ...failed },
    'half of all, completed on two engines': {
      ...half,
      states: ['succeeded'],
      jobKeys: odd,
      engineKeys: [1, 2],
    },
  };
}

interface Page {
  filter: string;
  field: ExecutionField;
  descending: boolean;
  offset: number;
}

export interface WorstPage {
  ms: number;
  /** In words. */
  page: string;
}

/**
 * Of the first and the last page and two between them, by each field, up and down, with each filter, that which took longest
 * with its count: the median of some rounds.
 */
export async function worstPage(store: Store, total: number): Promise<WorstPage> {
  const filters = filtersOf(total);
  const ask = ({ filter, field, descending, offset }: Page) =>
    timed(async () => {
      await store.read.countExecutions(filters[filter] ?? {});
      await store.read.executions(filters[filter] ?? {}, [{ field, descending }], { offset, limit });
    });
  const once: { page: Page; ms: number }[] = [];
  for (const [filter, of] of Object.entries(filters))
    for (const page of pagesOf(filter, await store.read.countExecutions(of)))
      once.push({ page, ms: await ask(page) });

  let worst = { ms: 0, page: '' };
  for (const { page } of once.toSorted((a, b) => b.ms - a.ms).slice(0, slowest)) {
    const took = [];
    for (let round = 0; round < rounds; round++) took.push(await ask(page));
    const { filter, field, descending, offset } = page;
    const name = `${filter}, by ${descending ? '-' : ''}${field} from ${offset} on`;
    if (median(took) > worst.ms) worst = { ms: median(took), page: name };
  }
  return worst;
}

function pagesOf(filter: string, count: number): Page[] {
  const places = [0, Math.floor(count / 3), Math.floor(count / 2), Math.max(0, count - limit)];
  return executionFields.flatMap((field) =>
    [false, true].flatMap((descending) => places.map((offset) => ({ filter, field, descending, offset }))),
  );
}
