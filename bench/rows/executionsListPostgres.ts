import { startPostgres } from '../../test/fixtures/postgres.ts';
import { worstPage } from '../measure/executionPages.ts';
import { executionHistoryOnPostgres } from '../measure/executions.ts';
import { atMost, type Figure } from '../measure/row.ts';

const total = 1_000_000;

/** Every page of a list of a million executions on PostgreSQL, with filters and by every order: the slowest. */
export async function executionsListPostgres(): Promise<Figure> {
  const postgres = await startPostgres();
  try {
    const store = await executionHistoryOnPostgres(postgres, 'many', total);
    try {
      const { ms, page } = await worstPage(store, total);
      const row = { value: ms, unit: 'ms', reach: 50 };
      return atMost('executions-list-postgres', row, true, { worst_page: page });
    } finally {
      await store.close();
    }
  } finally {
    await postgres.close();
  }
}
