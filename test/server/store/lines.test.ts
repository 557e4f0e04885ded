import { expect } from 'chai';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Queue } from '../../../server/store/contract/lines.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import type { Job, JobDefinition } from '../../../server/words/job.ts';
import { agingStepMs } from '../../../server/words/rank.ts';
import { longestPauseMs, retryPlanOf } from '../../../server/words/transitions/retry.ts';
import { failed, succeeded } from '../../../server/words/transitions/running.ts';
import { cancelRequested, due } from '../../../server/words/transitions/waiting.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import {
  addJob,
  addRun,
  changeJob,
  known,
  newestAttempt,
  nothingDone,
  type RunWish,
  take,
  type Taken,
  temporaryFolder,
  type TemporaryStore,
} from './temporaryStore.ts';

const minute = 60_000;

onBothStores('the lines of the queue', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const job = (slug: string, definition: JobDefinition = {}) =>
    store.write((tx) => addJob(tx, { slug, definition }));

  /** Queues a run for each wish; gives their ids. */
  const submit = (of: Job, ...wishes: RunWish[]) =>
    store.write(async (tx) => {
      const ids = [];
      for (const wish of wishes) ids.push((await addRun(tx, { job: of, ...wish })).id);
      return ids;
    });
  const several = (count: number, wish: RunWish = {}) => Array.from({ length: count }, () => wish);
  const taken = (now = 2000) => store.write((tx) => take(tx, now));
  const finish = ({ run, attempt }: Taken, now = 3000) =>
    store.write((tx) => tx.apply(run, attempt, succeeded(run, attempt, null, nothingDone, now), ''));
  const setQueue = (queue: Partial<Queue>) =>
    store.write((tx) => tx.setQueue({ name: 'default', paused: false, maxRunning: null, ...queue }, 2000));
  const openDue = (now: number) => store.write((tx) => tx.openDue(now, 100));
  const flag = (of: Job, flags: { enabled?: boolean; paused?: boolean }) =>
    store.write((tx) => tx.setJobFlags([of.id], flags, 2000));

  /** Claims as long as something can be claimed; the slugs, with the key where there is one. */
  async function rush(now = 2000): Promise<{ held: Taken[]; names: string[] }> {
    const held: Taken[] = [];
    for (let next = await taken(now); next; next = await taken(now)) held.push(next);
    const names = held.map(({ run }) => run.slug + (run.concurrencyKey ?? ''));
    return { held, names };
  }

  it('let the oldest go first, with a head start for priority that others catch up with', async () => {
    const site = await job('site');
    const now = 100 * minute;
    const wishes = [
      { createdAt: now - 10 * agingStepMs - 1 },
      { createdAt: now, priority: 10 },
      { createdAt: now - 9 * agingStepMs, priority: 0 },
      { createdAt: now - agingStepMs, priority: 2 },
    ];
    const [old, urgent, young, middle] = await submit(site, ...wishes);
    const { held } = await rush(now);
    expect(held.map(({ run }) => run.id)).to.deep.equal([old, urgent, young, middle]);
  });

  it('hold back what a job has no room for, and nobody else', async () => {
    const [narrow, wide] = [await job('narrow', { maxConcurrency: 2 }), await job('wide')];
    await submit(narrow, ...several(4));
    await submit(wide, ...several(2, { createdAt: 1500 }));
    const { held, names } = await rush();
    expect(names).to.deep.equal(['narrow', 'narrow', 'wide', 'wide']);
    await Promise.all(held.map((one) => finish(one)));
    expect((await rush()).names).to.deep.equal(['narrow', 'narrow']);
  });

  it('never let more go however many claim at once', async () => {
    await submit(await job('narrow', { maxConcurrency: 3 }), ...several(9));
    const claims = await Promise.all(Array.from({ length: 12 }, () => taken()));
    expect(claims.filter((claim) => claim !== undefined)).to.have.length(3);
  });

  it('count what runs for each key apart', async () => {
    const site = await job('site', { maxConcurrencyPerKey: 1, maxConcurrency: 3 });
    const keys = ['a', 'a', 'b', undefined, 'b', 'c', undefined];
    await submit(site, ...keys.map((key) => (key === undefined ? {} : { concurrencyKey: key })));
    const { held, names } = await rush();
    expect(names).to.deep.equal(['sitea', 'siteb', 'site']);
    const [a] = held;
    if (a) await finish(a);
    expect((await rush()).names).to.deep.equal(['sitea']);
  });

  it('keep to what a queue has room for, over all its jobs and places', async () => {
    await setQueue({ maxRunning: 2 });
    const [one, two] = [await job('one'), await job('two', { maxConcurrency: 1 })];
    const http = await store.write((tx) => addJob(tx, { slug: 'http', kind: 'http' }));
    await submit(two, ...several(2, { createdAt: 900 }));
    await submit(one, ...several(2));
    await submit(http, {});
    const { held, names } = await rush();
    expect(names).to.deep.equal(['two', 'one']);
    expect(await store.write((tx) => take(tx, 2000, 'http'))).to.equal(undefined);
    await Promise.all(held.map((each) => finish(each)));
    expect((await known(store.write((tx) => take(tx, 2000, 'http')))).run.slug).to.equal('http');
    expect((await rush()).names).to.deep.equal(['two']);
    await setQueue({});
    expect((await rush()).names).to.deep.equal(['one']);
    expect(await store.read.queues()).to.deep.equal([]);
  });

  it('count for a queue what ran in it before it was capped', async () => {
    const [one, two] = [await job('one'), await job('two')];
    await submit(two, {}, {});
    expect((await rush()).names).to.deep.equal(['two', 'two']);
    await submit(one, {});
    await setQueue({ maxRunning: 2 });
    expect((await rush()).names).to.deep.equal([]);
    await setQueue({ maxRunning: 3 });
    expect((await rush()).names).to.deep.equal(['one']);
  });

  it('leave their turn in a queue to others while their job is paused', async () => {
    await setQueue({ maxRunning: 1 });
    const [one, two] = [await job('one'), await job('two')];
    await submit(one, {});
    await submit(two, { createdAt: 1001 });
    await flag(one, { paused: true });
    expect((await rush()).names).to.deep.equal(['two']);
  });

  it('stop and go on with their queue, and with no other', async () => {
    const site = await job('site');
    await submit(site, {}, {}, { queue: 'other' });
    await setQueue({ paused: true });
    expect(await store.read.queues()).to.deep.equal([{ name: 'default', paused: true, maxRunning: null }]);
    const { held } = await rush();
    expect(held.map(({ run }) => run.queue)).to.deep.equal(['other']);
    await setQueue({ maxRunning: 1 });
    expect((await rush()).held).to.have.length(1);
  });

  it('let a job that a limit of one queue holds back go in another one', async () => {
    await setQueue({ maxRunning: 0 });
    const site = await job('site', { maxConcurrency: 1, maxConcurrencyPerKey: 1 });
    await submit(site, {}, { queue: 'other', concurrencyKey: 'a', createdAt: 1500 });
    await submit(site, { queue: 'other', concurrencyKey: 'a', createdAt: 1400 });
    const { held, names } = await rush();
    expect(names).to.deep.equal(['sitea']);
    await setQueue({});
    expect((await rush()).names).to.deep.equal([]);
    if (held[0]) await finish(held[0]);
    expect((await rush()).names).to.deep.equal(['site']);
  });

  it('share a budget of starts that two jobs name', async () => {
    const rateLimitKeys = [{ name: 'mail', max: 2, windowSecs: 60 }];
    const [one, two] = [await job('one', { rateLimitKeys }), await job('two', { rateLimitKeys })];
    await submit(one, ...several(3));
    await submit(two, ...several(3, { createdAt: 1001 }));
    expect((await rush(2000)).names).to.deep.equal(['one', 'one']);
    expect(await store.read.nextDueAt()).to.equal(62_000);
    expect(await openDue(61_999)).to.equal(0);
    expect(await openDue(62_000)).to.be.greaterThan(0);
    expect((await rush(62_000)).names).to.deep.equal(['one', 'two']);
    const other = await store.write((tx) =>
      addJob(tx, { project: 'else', slug: 'three', definition: { rateLimitKeys } }),
    );
    await submit(other, {});
    expect((await rush(62_000)).names).to.deep.equal(['three']);
    expect(await openDue(62_000)).to.equal(0);
  });

  it('count starts for a job that asks for more of them and for longer than the others do', async () => {
    const budget = (max: number, windowSecs: number) => ({
      rateLimitKeys: [{ name: 'mail', max, windowSecs }],
    });
    const [long, brief] = [await job('long', budget(4, 600)), await job('brief', budget(1, 1))];
    await submit(brief, ...several(3));
    for (const now of [2000, 3000, 100_000]) {
      await openDue(now);
      expect((await rush(now)).names).to.deep.equal(['brief']);
    }
    await submit(long, ...several(3, { createdAt: 100_000 }));
    await openDue(300_000);
    expect((await rush(300_000)).names).to.deep.equal(['long']);
    expect(await store.read.nextDueAt()).to.equal(602_000);
    expect((await rush(601_999)).names).to.deep.equal([]);
  });

  it('let nothing of a budget go twice because the clock was set back', async () => {
    const rateLimitKeys = [{ name: 'mail', max: 1, windowSecs: 10 }];
    const start = 100 * minute;
    await submit(await job('one', { rateLimitKeys }), ...several(3));
    expect((await rush(start)).names).to.have.length(1);
    await openDue(start - 1000);
    expect((await rush(start - 1000)).names).to.deep.equal([]);
    // Far back it does not wait for the old time to come again, only for a window and a little more.
    const early = start - 90 * minute;
    await openDue(early);
    expect((await rush(early)).names).to.deep.equal([]);
    const reopensAt = await known(store.read.nextDueAt());
    expect(reopensAt).to.be.within(early + 10_000, early + 2 * minute);
    await openDue(reopensAt);
    expect((await rush(reopensAt)).names).to.have.length(1);
  });

  it('wait while their job is disabled or paused', async () => {
    const site = await job('site');
    await submit(site, {}, {});
    await flag(site, { paused: true });
    await submit(site, {});
    expect((await rush()).names).to.deep.equal([]);
    await flag(site, { paused: false, enabled: false });
    expect((await rush()).names).to.deep.equal([]);
    await flag(site, { enabled: true });
    expect((await rush()).names).to.have.length(3);
  });

  it('follow the newest version of their job at once', async () => {
    const site = await job('site');
    await submit(site, ...several(5, { concurrencyKey: 'a' }));
    await store.write((tx) => changeJob(tx, site, { maxConcurrency: 1 }));
    expect((await rush()).names).to.have.length(1);
    await store.write((tx) => changeJob(tx, site, { maxConcurrency: 3 }));
    expect((await rush()).names).to.have.length(2);
    await store.write((tx) => changeJob(tx, site, { maxConcurrencyPerKey: 4 }));
    expect((await rush()).names).to.have.length(1);
    await store.write((tx) => changeJob(tx, site, {}));
    expect((await rush()).names).to.have.length(1);
  });

  it('take turns where their job says round robin, also within a millisecond', async () => {
    const site = await job('site', { supersedePolicy: 'round_robin' });
    const of = (key: string, createdAt: number) => ({ concurrencyKey: key, createdAt });
    await submit(site, ...[1, 2, 3, 4].map((at) => of('a', at)), of('b', 1500), of('b', 1600), of('c', 1700));
    const keys = async () => (await rush()).names.map((name) => name.at(-1)).join('');
    expect(await keys()).to.equal('abcabaa');
    await store.write((tx) => changeJob(tx, site, { supersedePolicy: 'queue' }));
    await submit(site, of('a', 1), of('b', 1500), of('a', 2));
    expect(await keys()).to.equal('aab');
  });

  it('take turns with other jobs by when they were served last', async () => {
    const [site, other] = [await job('site', { supersedePolicy: 'round_robin' }), await job('other')];
    await submit(site, ...several(3, { createdAt: 1000 }));
    await submit(other, { createdAt: 1900 }, { createdAt: 2500 });
    expect((await rush(2000)).names).to.deep.equal(['site', 'other', 'site', 'site', 'other']);
  });

  it('do not show a retry before its pause is over', async () => {
    await submit(await job('site'), {});
    const { run, attempt } = await known(taken());
    const failure = { reason: 'engine_lost', error: 'gone' } as const;
    const plan = retryPlanOf({ retryStrategy: 'fixed', retryDelaysSecs: [60] }, 0);
    const change = failed(run, attempt, failure, nothingDone, plan, 5000);
    await store.write((tx) => tx.apply(run, attempt, change, uuid7()));
    expect(await store.read.nextDueAt()).to.equal(65_000);
    expect(await openDue(64_999)).to.equal(0);
    expect(await taken(64_999)).to.equal(undefined);
    expect(await openDue(65_000)).to.equal(1);
    expect((await known(taken(65_000))).attempt).to.deep.include({ number: 2, rank: 65_000 });
    expect(await store.read.nextDueAt()).to.equal(undefined);
  });

  it('do not wait for a retry that was put off before the clock was set back', async () => {
    const [id = ''] = await submit(await job('site'), {});
    const { run, attempt } = await known(taken());
    const late = {
      ...failedAt(run.countedAttempts, 10 * longestPauseMs),
      attempt: ended(10 * longestPauseMs),
    };
    await store.write((tx) => tx.apply(run, attempt, late, uuid7()));
    expect(await openDue(9 * longestPauseMs + 2000)).to.equal(0);
    expect(await openDue(5000)).to.equal(1);
    expect((await known(taken(5000))).run.id).to.equal(id);
  });

  it('do not leave behind what was queued and served before the clock was set back', async () => {
    const [site, fair] = [await job('site'), await job('fair', { supersedePolicy: 'round_robin' })];
    const ahead = 1000 * minute;
    await submit(fair, { createdAt: ahead }, { createdAt: ahead });
    await submit(site, { createdAt: ahead + 1 });
    expect((await known(taken(ahead + 1))).run.slug).to.equal('fair');
    await submit(site, ...several(2, { createdAt: 3000 }));
    expect(await openDue(5000)).to.be.greaterThan(0);
    expect(await openDue(5000)).to.equal(0);
    await submit(site, { createdAt: 6000 });
    expect((await rush(7000)).names).to.deep.equal(['site', 'site', 'fair', 'site', 'site']);
  });

  const ended = (finishedAt: number) => ({ state: 'failed', finishedAt, leaseExpiresAt: null }) as const;
  const failedAt = (attempt: number, at: number) => ({
    run: { state: 'queued', phase: null, attempt: attempt + 1 } as const,
    next: { number: attempt + 1, availableAt: at + 1000, priority: 7 },
  });

  it('put the next attempt where its own priority belongs', async () => {
    const site = await job('site');
    await submit(site, {});
    const { run, attempt } = await known(taken());
    const again = { ...failedAt(run.countedAttempts, 4000), attempt: ended(5000) };
    await store.write((tx) => tx.apply(run, attempt, again, uuid7()));
    const expected = { priority: 7, queuedAt: 5000, availableAt: 5000, rank: 5000 - 7 * agingStepMs };
    expect(await newestAttempt(store.read, run.id)).to.deep.include(expected);
    await submit(site, { createdAt: 1000 });
    expect((await known(taken(5000))).run.id).to.equal(run.id);
  });

  it('have no place for a run that waits, until it is queued', async () => {
    const site = await job('site', { maxConcurrency: 1 });
    const [waiting = '', delayed = ''] = await submit(
      site,
      { state: 'waiting', expiresAt: 9000 },
      { state: 'delayed', scheduledAt: 7000 },
    );
    expect(await taken(9000)).to.equal(undefined);
    expect(await store.read.nextDueAt()).to.equal(7000);
    const run = await known(store.read.run(delayed));
    expect(await store.write((tx) => tx.apply(run, undefined, due(run, 7000), uuid7()))).to.equal(true);
    expect(await store.read.nextDueAt()).to.equal(9000);
    const held = await known(taken(7000));
    expect([held.run.id, held.attempt.number]).to.deep.equal([delayed, 1]);
    expect(await store.read.run(waiting)).to.deep.include({ state: 'waiting', attempt: 0 });
  });

  it('close up where a queued run is canceled', async () => {
    const site = await job('site', { maxConcurrencyPerKey: 1 });
    const [first = '', second] = await submit(site, { concurrencyKey: 'a' }, { concurrencyKey: 'a' });
    const [run, attempt] = [await known(store.read.run(first)), await newestAttempt(store.read, first)];
    const change = await known(Promise.resolve(cancelRequested(run, attempt, 2000)));
    await store.write((tx) => tx.apply(run, attempt, change, ''));
    expect((await known(taken())).run.id).to.equal(second);
    expect(await taken()).to.equal(undefined);
  });
});

describe('the rows of the lines', () => {
  it('go when nothing is in them any more, but for those without a key', async () => {
    const folder = temporaryFolder();
    const store = await openSqliteStore(folder);
    const database = new DatabaseSync(join(folder, 'store.sqlite'), { readOnly: true });
    try {
      const lanes = () =>
        database
          .prepare('SELECT lane FROM lines ORDER BY lane')
          .all()
          .map(({ lane }) => lane);
      await store.write(async (tx) => {
        for (const concurrencyKey of ['a', 'a', 'b']) await addRun(tx, { concurrencyKey });
        await addRun(tx);
      });
      expect(lanes()).to.deep.equal(['', 'a', 'b']);
      for (const left of [['', 'a', 'b'], ['', 'b'], [''], ['']]) {
        const { run, attempt } = await known(store.write((tx) => take(tx)));
        await store.write((tx) => tx.apply(run, attempt, succeeded(run, attempt, null, nothingDone, 9), ''));
        expect(lanes()).to.deep.equal(left);
      }
    } finally {
      database.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
