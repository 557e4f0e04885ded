import { expect } from 'chai';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { planning } from '../../../server/store/postgresWriter.ts';
import { postgresStatements } from '../../../server/store/loose.ts';
import { registeredStatements } from '../../../server/store/sql.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';

/** Small tables, and one that is cleaned once an hour. */
const mayBeReadWhole = new Set(['deliveries', 'engines', 'queues', 'run_counts']);

describe('the SQL text of the store, on PostgreSQL', () => {
  let database: TestDatabase;
  const texts = registeredStatements().map(({ text }) => text);
  // A LOCK and what makes a table are carried out as they are.
  const own = postgresStatements().flatMap(({ text }) =>
    /^(?:LOCK|CREATE|DROP)\b/.test(text) ? [] : [text],
  );

  before(async () => {
    database = await emptyDatabase();
    await (await openPostgresStore(database.url)).close();
    await database.script(texts.map((text, index) => `PREPARE statement_${index} AS ${text};`).join('\n'));
  });
  after(() => database?.drop());

  it('can be prepared, every statement of it', async () => {
    await database.script(own.map((text, index) => `PREPARE own_${index} AS ${text}`).join(';\n'));
    const [row] = await database.script('SELECT COUNT(*)::int AS prepared FROM pg_prepared_statements');
    expect(row?.['prepared']).to.equal(texts.length + own.length);
    expect([texts.length > 200, own.length > 30]).to.deep.equal([true, true]);
  });

  it('goes along an index wherever something is changed, also in a database that knows nothing of its rows', async () => {
    await database.script(['BEGIN', ...planning].join(';'));
    const whole: string[] = [];
    for (const [index, text] of texts.entries()) {
      if (!/^\s*(?:UPDATE|DELETE)/.test(text)) continue;
      const plan = await planOf(index, text);
      if (readsWhole(plan)) whole.push(`${text}\n${plan}`);
    }
    await database.script('COMMIT');
    expect(whole.join('\n\n')).to.equal('');
  });

  async function planOf(index: number, text: string): Promise<string> {
    const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    const nulls = Array.from({ length: count }, () => 'NULL').join(', ');
    const rows = await database.script(`EXPLAIN EXECUTE statement_${index}${count > 0 ? `(${nulls})` : ''}`);
    return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
  }
});

function readsWhole(plan: string): boolean {
  const whole = [
    ...plan.matchAll(/Seq Scan on (\w+)|Index (?:Only )?Scan (?:Backward )?using \w+ on (\w+).*\n +Filter/g),
  ];
  return whole.some(([, table, indexed]) => !mayBeReadWhole.has(table ?? indexed ?? ''));
}
