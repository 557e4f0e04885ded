import { expect } from 'chai';
import fc from 'fast-check';
import { createBuckets } from '../../../server/app/buckets.ts';
import type { Budgets } from '../../../server/app/budgets.ts';
import { sharedBudgets } from '../../../server/app/sharedBudgets.ts';
import type { AllowanceStore } from '../../../server/store/contract/allowances.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import type { Store } from '../../../server/store/store.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { known } from '../store/temporaryStore.ts';

/** Of the tests' own clock, so that nothing is filled meanwhile. */
const still = () => createBuckets(() => 1000);

describe('budgets that several processes take from', () => {
  let database: FreshDatabase;
  let stores: Store[];
  let allowances: AllowanceStore[];
  before(async () => {
    database = await freshDatabase();
    stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(database.url)));
    allowances = await Promise.all(
      stores.map(async ({ shared }) => (await known(Promise.resolve(shared))).allowances),
    );
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.giveBack();
  });
  let names = 0;
  const newName = () => `budget ${++names}`;

  /** Lets the database believe that this much time has passed. */
  const pass = (name: string, ms: number) =>
    database.script(`UPDATE allowances SET filled_at = filled_at - ${ms} WHERE name = '${name}'`);

  async function takeMany(budgets: Budgets, name: string, perMinute: number, times: number): Promise<number> {
    const taken = await Promise.all(Array.from({ length: times }, () => budgets.take(name, perMinute)));
    return taken.filter(({ granted }) => granted).length;
  }

  it('give together what one would give, and no more, whoever asks how often', async () => {
    const steps = fc.array(fc.array(fc.nat(40), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        const name = newName();
        const all = allowances.map((store) => sharedBudgets(store, still()));
        const begunAt = performance.now();
        let [granted, asked] = [0, 0];
        for (const round of rounds) {
          const each = await Promise.all(
            round.map((times, index) => takeMany(all[index] as Budgets, name, 60, times)),
          );
          granted += each.reduce((sum, one) => sum + one, 0);
          asked += round.reduce((sum, one) => sum + one, 0);
        }
        const filled = Math.ceil((performance.now() - begunAt) / 1000);
        expect(granted).to.be.at.most(60 + filled);
        if (asked <= 30) expect(granted).to.equal(asked);
      }),
      { numRuns: 15 },
    );
  });

  it('are empty for all when one has emptied them, and tell when to come back', async () => {
    const name = newName();
    const [one, other] = allowances.map((store) => sharedBudgets(store)) as [Budgets, Budgets];
    expect(await takeMany(one, name, 6, 10)).to.equal(6);
    const refused = await other.take(name, 6);
    expect(refused).to.include({ granted: false, remaining: 0 });
    expect(refused.retryAfterSecs).to.be.within(5, 10);
    expect((await other.look(name, 6)).granted).to.equal(false);
    await pass(name, 20_000);
    const third = sharedBudgets(allowances[2] as AllowanceStore);
    expect(await third.take(name, 6)).to.include({ granted: true, remaining: 1 });
  });

  it('may be owed, at whatever process', async () => {
    const name = newName();
    const [one, other] = allowances.map((store) => sharedBudgets(store)) as [Budgets, Budgets];
    expect((await one.owe(name, 60, 100)).remaining).to.equal(0);
    expect(await other.take(name, 60)).to.include({ granted: false, remaining: 0, retryAfterSecs: 41 });
    await pass(name, 45_000);
    expect((await sharedBudgets(allowances[2] as AllowanceStore).take(name, 60)).granted).to.equal(true);
  });

  it('cost the database less than a question for each request', async () => {
    let questions = 0;
    const [store] = allowances as [AllowanceStore];
    const counted: AllowanceStore = {
      ...store,
      take: (...args) => {
        questions++;
        return store.take(...args);
      },
    };
    const name = newName();
    const budgets = sharedBudgets(counted);
    let granted = 0;
    for (let n = 0; n < 10; n++) granted += await takeMany(budgets, name, 10_000, 50);
    expect(granted).to.equal(500);
    expect(questions).to.be.at.most(30);
  });

  it('forget those that are full again, and no others', async () => {
    const [store] = allowances as [AllowanceStore];
    const [full, owed] = [newName(), newName()];
    await store.take({ name: full, perMinute: 60 }, 10, 0);
    await store.owe({ name: owed, perMinute: 60 }, 500);
    await pass(full, 70_000);
    await pass(owed, 70_000);
    expect(await store.forgetFull()).to.be.at.least(1);
    expect(await store.level({ name: full, perMinute: 60 })).to.equal(60);
    expect(await store.level({ name: owed, perMinute: 60 })).to.be.within(-371, -369);
  });

  it('are counted by each for itself while the database does not answer', async () => {
    const broken: AllowanceStore = {
      take: () => Promise.reject(new Error('away')),
      owe: () => Promise.reject(new Error('away')),
      level: () => Promise.reject(new Error('away')),
      forgetFull: () => Promise.reject(new Error('away')),
    };
    const budgets = sharedBudgets(broken, still());
    expect(await takeMany(budgets, 'one', 5, 8)).to.equal(5);
    expect((await budgets.look('one', 5)).granted).to.equal(false);
    expect((await budgets.owe('two', 5, 7)).remaining).to.equal(0);
  });
});

describe('limits of two servers', () => {
  let database: FreshDatabase;
  let servers: TestWeb[];
  before(async () => {
    database = await freshDatabase();
    const limits = { triggersPerMinute: 6, requestsPerMinute: 40, failedLoginsPerMinute: 5 };
    const env = { TOKEN: 'the-token', DATABASE: database.url, SECRETKEY: 'a'.repeat(64) };
    servers = [];
    for (const _ of [1, 2]) servers.push(await openTestWeb({ env, settings: { limits } }));
  });
  after(async () => {
    for (const server of servers) await server.close();
    await database.giveBack();
  });
  const build = { account: 'acme', repo: 'site', ref: 'main' };

  it('hold for a key at both together, and are told in the same headers', async () => {
    const { text: key } = await (servers[0] as TestWeb).makeKey();
    const answers = [];
    for (let n = 0; n < 8; n++)
      answers.push(await (servers[n % 2] as TestWeb).ask('POST', '/jobs', { key, body: build }));
    expect(answers.map(({ status }) => status)).to.deep.equal([202, 202, 202, 202, 202, 202, 429, 429]);
    expect(answers.slice(0, 6).map(({ headers }) => headers['x-ratelimit-remaining'])).to.deep.equal([
      '5',
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
    expect(answers[7]?.headers).to.include({ 'x-ratelimit-limit': '6', 'x-ratelimit-remaining': '0' });
    expect(Number(answers[7]?.headers['retry-after'])).to.be.within(1, 10);
  });

  it('hold for who guesses at both in turn', async () => {
    const statuses = [];
    for (let n = 0; n < 8; n++)
      statuses.push((await (servers[n % 2] as TestWeb).ask('GET', '/jobs', { key: 'guess' })).status);
    expect(statuses.filter((status) => status === 401)).to.have.length(5);
    for (const server of servers)
      expect((await server.ask('GET', '/jobs', { key: 'the-token' })).status).to.equal(429);
  });
});
