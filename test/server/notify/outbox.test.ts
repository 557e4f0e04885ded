import { expect } from 'chai';
import type { NewNotification, NotificationTry } from '../../../server/store/contract/outbox.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from '../store/bothStores.ts';
import type { TemporaryStore } from '../store/temporaryStore.ts';

const made = (wish: Partial<NewNotification> = {}): NewNotification => ({
  id: uuid7(),
  project: 'acme',
  jobId: uuid7(),
  runId: uuid7(),
  event: 'run.completed',
  url: 'https://example.com/hook',
  secret: null,
  body: '{"run_id":"ü"}',
  maxTries: 3,
  createdAt: 1000,
  ...wish,
});
const tried = (number: number, wish: Partial<NotificationTry> = {}): NotificationTry => ({
  number,
  status: 500,
  error: 'the receiver answered 500',
  tookMs: 7,
  createdAt: 2000,
  ...wish,
});
const places = (free = 32, perOrigin = 4, underWay: [string, number][] = []) => ({
  free,
  perOrigin,
  underWay: new Map(underWay),
});

onBothStores('the outbox', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  async function add(...wishes: Partial<NewNotification>[]): Promise<string[]> {
    const all = wishes.map(made);
    await store.write(async (tx) => {
      for (const one of all) await tx.addNotification(one);
    });
    return all.map(({ id }) => id);
  }
  const takeIds = async (now: number, wanted = places(), untilAt = now + 100) =>
    (await store.write((tx) => tx.takeDueNotifications(now, untilAt, wanted))).map(({ id }) => id);

  it('gives back what was put in', async () => {
    const one = made({ secret: 'v1.sealed' });
    await add(one);
    expect(await store.read.notification(one.id)).to.deep.equal({
      ...one,
      key: 1,
      state: 'pending',
      tries: 0,
      nextAt: 1000,
      lastStatus: null,
      lastError: null,
      deliveredAt: null,
    });
    expect(await store.read.notification(uuid7())).to.equal(undefined);
  });

  it('loses what was put in by a work that throws', async () => {
    const one = made();
    const work = store.write(async (tx) => {
      await tx.addNotification(one);
      throw new Error('the outcome was not stored');
    });
    await work.then(expect.fail, () => undefined);
    expect(await store.read.notification(one.id)).to.equal(undefined);
  });

  it('gives each one to one taker, until its time is over', async () => {
    const [a, b] = await add({}, { createdAt: 1001 });
    expect(await takeIds(999)).to.deep.equal([]);
    expect(await takeIds(1000)).to.deep.equal([a]);
    expect(await takeIds(1099)).to.deep.equal([b]);
    expect(await takeIds(1099)).to.deep.equal([]);
    expect(await takeIds(1100)).to.deep.equal([a]);
  });

  it('knows when the next one is due', async () => {
    expect(await store.read.nextNotificationAt(0)).to.equal(undefined);
    await add({ createdAt: 50 }, { createdAt: 70 });
    expect(await store.read.nextNotificationAt(0)).to.equal(50);
    expect(await store.read.nextNotificationAt(50)).to.equal(70);
    expect(await store.read.nextNotificationAt(70)).to.equal(undefined);
  });

  it('lets no receiver take the places of the others', async () => {
    const slow = Array.from({ length: 9 }, () => ({ url: 'https://slow.example/hook?x' }));
    const ids = await add(...slow, { url: 'https://slow.example.com/a' }, { url: 'http://slow.example/b' });
    const [first = '', second = ''] = ids;
    const others = ids.slice(-2);
    expect(await takeIds(1000, places(4, 2))).to.deep.equal([first, second, ...others]);
    expect(await takeIds(1000, places(9, 2, [['https://slow.example', 2]]))).to.deep.equal([]);
    expect(await takeIds(1000, places(9, 2, [['https://slow.example', 1]]))).to.deep.equal([ids[2]]);
    expect(await takeIds(1000, places(0))).to.deep.equal([]);
    expect(await takeIds(1000, places(3, 99))).to.deep.equal(ids.slice(3, 6));
  });

  it('records each try once, with what follows from it', async () => {
    const [id = ''] = await add({});
    const record = (
      attempt: NotificationTry,
      state: 'pending' | 'delivered' | 'dead',
      nextAt: number | null,
    ) => store.write((tx) => tx.recordTry(id, attempt, { state, nextAt }));
    expect(await record(tried(1), 'pending', 9000)).to.equal(true);
    expect(await record(tried(1, { status: 204 }), 'delivered', null)).to.equal(false);
    const after = await store.read.notification(id);
    expect(after).to.include({ state: 'pending', tries: 1, nextAt: 9000, lastStatus: 500 });
    expect(await record(tried(2, { status: null, error: 'no answer' }), 'pending', 9500)).to.equal(true);
    expect(await record(tried(3, { status: 204, error: null }), 'delivered', null)).to.equal(true);
    expect(await store.read.notification(id)).to.include({
      state: 'delivered',
      tries: 3,
      nextAt: null,
      lastStatus: 204,
      lastError: null,
      deliveredAt: 2007,
    });
    expect(await record(tried(4), 'pending', 9900)).to.equal(false);
    const tries = await store.read.notificationTries(id);
    expect(tries).to.deep.equal([
      tried(1),
      tried(2, { status: null, error: 'no answer' }),
      tried(3, { status: 204, error: null }),
    ]);
  });

  it('sends again what is dead or delivered, with further tries', async () => {
    const [id = ''] = await add({ maxTries: 1 });
    await store.write((tx) => tx.recordTry(id, tried(1), { state: 'dead', nextAt: null }));
    expect(await takeIds(5000)).to.deep.equal([]);
    expect(await store.write((tx) => tx.redeliver(id, 6, 4000))).to.equal(true);
    expect(await store.read.notification(id)).to.include({
      state: 'pending',
      tries: 1,
      maxTries: 7,
      nextAt: 4000,
    });
    expect(await takeIds(4000)).to.deep.equal([id]);
    expect(await store.write((tx) => tx.redeliver(uuid7(), 6, 4000))).to.equal(false);
  });

  it('lists by run, project and state, newest first', async () => {
    const run = uuid7();
    const ids = await add({ runId: run }, {}, { project: 'beta' }, { runId: run }, {});
    const [a = '', b = '', c = '', d = '', e = ''] = ids;
    await store.write((tx) => tx.recordTry(d, tried(1), { state: 'dead', nextAt: null }));
    const list = async (filter: Parameters<typeof store.read.notifications>[0], beforeKey?: number) => {
      const page = { limit: 3, ...(beforeKey !== undefined && { beforeKey }) };
      return (await store.read.notifications(filter, page)).map(({ id }) => id);
    };
    expect(await list({})).to.deep.equal([e, d, c]);
    expect(await list({}, 3)).to.deep.equal([b, a]);
    expect(await list({ project: 'acme' })).to.deep.equal([e, d, b]);
    expect(await store.read.notifications({}, { createdBefore: 1000, limit: 3 })).to.deep.equal([]);
    expect(await list({ state: 'dead' })).to.deep.equal([d]);
    expect(await list({ project: 'acme', state: 'pending' }, 5)).to.deep.equal([b, a]);
    expect(await list({ runId: run })).to.deep.equal([d, a]);
    expect(await list({ runId: run, project: 'beta' })).to.deep.equal([]);
    expect(await list({ runId: run, state: 'pending' })).to.deep.equal([a]);
    expect(await list({ runId: run, state: 'dead', project: 'acme' })).to.deep.equal([d]);
    expect((await store.read.notifications({}, { limit: 1 }))[0]).not.to.have.any.keys('body', 'secret');
  });

  it('forgets what is long over, some at a time, and never what is pending', async () => {
    const [a = '', b = '', c = '', pending = '', young = ''] = await add({}, {}, {}, {}, { createdAt: 2000 });
    for (const id of [a, b, c, young])
      await store.write((tx) => tx.recordTry(id, tried(1), { state: 'dead', nextAt: null }));
    expect(await store.write((tx) => tx.forgetNotifications(2000, 2))).to.equal(2);
    expect(await store.write((tx) => tx.forgetNotifications(2000, 2))).to.equal(1);
    expect(await store.write((tx) => tx.forgetNotifications(2000, 2))).to.equal(0);
    const left = await store.read.notifications({}, { limit: 9 });
    expect(left.map(({ id }) => id)).to.deep.equal([young, pending]);
    expect(await store.read.notificationTries(a)).to.deep.equal([]);
    expect(await store.read.notificationTries(young)).to.have.length(1);
  });
});
