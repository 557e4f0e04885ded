import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionField, ExecutionFilter, Order } from '../../server/store/contract/executions.ts';
import type { Store } from '../../server/store/store.ts';
import { worstPage } from '../measure/executionPages.ts';
import { executionHistory, firstAt } from '../measure/executions.ts';
import { timed } from '../measure/pairs.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';

const sizes = [10_000, 1_000_000] as const;
const rounds = 15;
const limit = 100;

/** What is asked for of a list of so many executions. */
const asked: Record<string, (total: number) => [ExecutionFilter, Order<ExecutionField>[]]> = {
  all: () => [{}, [{ field: 'modifiedAt', descending: false }]],
  failed: () => [{ states: ['failed', 'timed_out'] }, [{ field: 'createdAt', descending: true }]],
  'job by status': () => [{ jobKeys: [3] }, [{ field: 'status', descending: false }]],
  'hour on one engine': (total) => [
    { engineKeys: [2], modifiedFrom: firstAt + (total - 3600) * 1000 },
    [{ field: 'startedAt', descending: true }],
  ],
};

/** First pages and counts of executions among a million, against ten thousand; beside it, all pages by every order. */
export async function executionsList(): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'dbb-'));
  try {
    const [small, large] = [
      await executionHistory(join(folder, 'small'), sizes[0]),
      await executionHistory(join(folder, 'large'), sizes[1]),
    ];
    const ratios: Record<string, number> = {};
    for (const name of Object.keys(asked)) ratios[name] = short(await ratioOf(name, small, large));
    const worst = await worstPage(large, sizes[1]);
    await Promise.all([small.close(), large.close()]);
    const value = Math.max(...Object.values(ratios));
    const details = { ratios, worst_page_ms: short(worst.ms), worst_page: worst.page };
    return atMost('executions-list', { value, unit: 'times as long', reach: 1.5 }, worst.ms <= 50, details);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function ratioOf(name: string, small: Store, large: Store): Promise<number> {
  const pairs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const few = await firstPageMs(name, small, sizes[0]);
    pairs.push((await firstPageMs(name, large, sizes[1])) / few);
  }
  return median(pairs.slice(1));
}

function firstPageMs(name: string, store: Store, total: number): Promise<number> {
  const [filter, order] = asked[name]?.(total) ?? [{}, []];
  return timed(async () => {
    await store.read.executions(filter, order, { offset: 0, limit });
    await store.read.countExecutions(filter);
  });
}
