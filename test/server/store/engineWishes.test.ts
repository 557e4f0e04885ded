import { expect } from 'chai';
import { createWishes } from '../../../server/room/engines/wishes.ts';
import type { Wish } from '../../../server/words/wish.ts';
import { onBothStores } from './bothStores.ts';
import type { TemporaryStore } from './temporaryStore.ts';

onBothStores('what is wished of engines and the server', (open) => {
  let store: TemporaryStore;
  before(async () => {
    store = await open();
  });
  after(() => store.remove());

  it('is that they are on, until somebody says something else', async () => {
    expect(await store.read.wishes()).to.deep.equal({
      server: 'on',
      engines: new Map(),
      members: new Map(),
      pardons: new Map(),
    });
    await store.write((tx) => tx.ensureEngine('old', 1));
    await store.write(async (tx) => {
      await tx.setEngineWish('old', 'draining', 2);
      await tx.setEngineWish('new', 'paused', 2);
      await tx.setMemberWish('one', 'paused', 2);
      await tx.setMemberWish('one', 'draining', 2);
      await tx.setMemberWish('other', 'paused', 2);
      await tx.setMemberWish('other', 'on', 2);
      await tx.setServerWish('paused');
    });
    expect(await store.read.wishes()).to.deep.equal({
      server: 'paused',
      engines: new Map<string, Wish>([
        ['old', 'draining'],
        ['new', 'paused'],
      ]),
      members: new Map<string, Wish>([['one', 'draining']]),
      pardons: new Map(),
    });
    await store.write((tx) => tx.ensureEngine('new', 3));
    await store.write((tx) => tx.setEngineWish('old', 'on', 3));
    const { engines, pardons } = await store.read.wishes();
    expect([...engines]).to.deep.equal([['new', 'paused']]);
    expect([...pardons]).to.deep.equal([['old', 3]]);
  });

  it('counts at once, and for other processes when they look', async () => {
    let changes = 0;
    const mine = createWishes({ store, now: () => 1, onChange: () => changes++ });
    const theirs = createWishes({ store, now: () => 1, onChange: () => {} });
    await mine.refresh();
    expect([mine.server(), mine.of('new'), mine.of('old'), changes]).to.deep.equal([
      'paused',
      'paused',
      'on',
      1,
    ]);
    const told = mine.setServer('on');
    expect(mine.server()).to.equal('on');
    // What is read meanwhile may be older.
    await Promise.all([told, mine.refresh()]);
    expect(mine.server()).to.equal('on');
    await theirs.refresh();
    expect(theirs.server()).to.equal('on');
    await theirs.setEngine('old', 'paused');
    await mine.refresh();
    expect(mine.of('old')).to.equal('paused');
    expect(changes).to.equal(3);
    await mine.refresh();
    expect(changes).to.equal(3);
  });

  it('forgives an engine its failures, in every process, once for each time that it is told to go on', async () => {
    const [mine, theirs]: [string[], string[]] = [[], []];
    let time = 10;
    const at = (pardoned: string[]) =>
      createWishes({
        store,
        now: () => ++time,
        onChange: () => {},
        onPardon: (name) => void pardoned.push(name),
      });
    const [one, other] = [at(mine), at(theirs)];
    await one.refresh();
    await other.refresh();
    for (const list of [mine, theirs]) list.length = 0;
    await one.setEngine('failing', 'on');
    await one.refresh();
    await other.refresh();
    await other.refresh();
    expect([mine, theirs]).to.deep.equal([['failing'], ['failing']]);
    await other.setEngine('failing', 'paused');
    await one.refresh();
    await other.setEngine('failing', 'on');
    await one.refresh();
    expect([mine, theirs]).to.deep.equal([
      ['failing', 'failing'],
      ['failing', 'failing'],
    ]);
  });

  it('is what it was wished for members, for all to see', async () => {
    const [one, other] = [0, 1].map(() => createWishes({ store, now: () => 1, onChange: () => {} }));
    await one?.setMember('big', 'draining');
    await other?.refresh();
    expect([other?.ofMember('big'), other?.ofMember('small')]).to.deep.equal(['draining', 'on']);
    await other?.setMember('big', 'on');
    await one?.refresh();
    expect(one?.ofMember('big')).to.equal('on');
  });

  it('is not set back by a look that began during a change and came back after it', async () => {
    const looks: Array<() => void> = [];
    const slow = {
      read: {
        ...store.read,
        async wishes() {
          const found = await store.read.wishes();
          await new Promise<void>((resolve) => looks.push(resolve));
          return found;
        },
      },
      write: async <T>(work: Parameters<typeof store.write<T>>[0]) => {
        while (looks.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        return store.write(work);
      },
    };
    const wishes = createWishes({ store: slow, now: () => 1, onChange: () => {} });
    const change = wishes.setServer('draining');
    const look = wishes.refresh();
    await change;
    looks.forEach((answer) => answer());
    await look;
    expect(wishes.server()).to.equal('draining');
    await store.write((tx) => tx.setServerWish('on'));
  });

  it('is what it was where it cannot be kept', async () => {
    const failing = {
      read: store.read,
      write: () => Promise.reject(new Error('no disk')),
    };
    const wishes = createWishes({ store: failing, now: () => 1, onChange: () => {} });
    await wishes.refresh();
    const problem: unknown = await wishes.setServer('draining').catch((error: unknown) => error);
    expect(problem).to.have.property('message', 'no disk');
    expect(wishes.server()).to.equal('on');
  });
});
