import { expect } from 'chai';
import type { ApiKey, NewApiKey } from '../../../server/store/contract/keys.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { onBothStores } from './bothStores.ts';
import type { TemporaryStore } from './temporaryStore.ts';

let count = 0;

function newKey(wish: Partial<NewApiKey> = {}): NewApiKey {
  count++;
  return {
    id: uuid7(),
    project: 'acme',
    name: `key ${count}`,
    hint: 'db_abc',
    hash: `hash ${count}`,
    scopes: ['jobs:read', 'runs:read'],
    createdBy: null,
    createdAt: 1000 + count,
    expiresAt: null,
    ...wish,
  };
}

onBothStores('api keys', (open) => {
  let store: TemporaryStore;
  before(async () => {
    store = await open();
  });
  after(() => store.remove());

  const insert = (wish?: Partial<NewApiKey>): Promise<ApiKey> =>
    store.write((tx) => tx.insertApiKey(newKey(wish)));

  it('are found by their id and their hash, and keep no hash in what is read', async () => {
    const wish = newKey({ createdBy: 'apikey:1', expiresAt: 5000 });
    const key = await store.write((tx) => tx.insertApiKey(wish));
    const { hash, ...rest } = wish;
    expect(key).to.deep.equal({ ...rest, key: key.key, revokedAt: null, rotatedTo: null, lastUsedAt: null });
    expect(await store.read.apiKey(key.id)).to.deep.equal(key);
    expect(await store.read.apiKeyByHash(hash)).to.deep.equal(key);
    expect(await store.read.apiKeyByHash(`${hash}0`)).to.equal(undefined);
    expect(await store.read.apiKey(uuid7())).to.equal(undefined);
  });

  it('have one hash each', async () => {
    await insert({ hash: 'twice' });
    const error: unknown = await insert({ hash: 'twice' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(Error);
  });

  it('are listed newest first, of one project or of all, in pages', async () => {
    const [one, two] = [await insert({ project: 'list' }), await insert({ project: 'list' })];
    const everywhere = await insert({ project: null });
    const ids = async (...question: Parameters<typeof store.read.apiKeys>) =>
      (await store.read.apiKeys(...question)).map(({ id }) => id);
    expect(await ids('list', { limit: 10 })).to.deep.equal([two.id, one.id]);
    expect(await ids('list', { limit: 1 })).to.deep.equal([two.id]);
    expect(await ids('list', { limit: 10, beforeKey: two.key })).to.deep.equal([one.id]);
    expect(await ids('list', { limit: 10, createdBefore: two.createdAt })).to.deep.equal([one.id]);
    expect(await ids(undefined, { limit: 3 })).to.deep.equal([everywhere.id, two.id, one.id]);
    expect(await ids('nowhere', { limit: 3 })).to.deep.equal([]);
  });

  it('are revoked once', async () => {
    const { id } = await insert();
    const revoke = (now: number) => store.write((tx) => tx.revokeApiKey(id, now));
    expect([await revoke(2000), await revoke(3000)]).to.deep.equal([true, false]);
    expect((await store.read.apiKey(id))?.revokedAt).to.equal(2000);
    expect(await store.write((tx) => tx.revokeApiKey(uuid7(), 1))).to.equal(false);
  });

  it('name their successor and end with the grace, or before', async () => {
    const rotate = (id: string, until: number) => store.write((tx) => tx.rotateApiKey(id, 'next', until));
    const [forEver, sooner, later] = [
      await insert(),
      await insert({ expiresAt: 400 }),
      await insert({ expiresAt: 9000 }),
    ];
    for (const { id } of [forEver, sooner, later]) expect(await rotate(id, 500)).to.equal(true);
    const ends = await Promise.all([forEver, sooner, later].map(({ id }) => store.read.apiKey(id)));
    expect(ends.map((key) => key?.expiresAt)).to.deep.equal([500, 400, 500]);
    expect(ends.map((key) => key?.rotatedTo)).to.deep.equal(['next', 'next', 'next']);
    expect(await rotate(forEver.id, 9000)).to.equal(false);
    const revoked = await insert();
    await store.write((tx) => tx.revokeApiKey(revoked.id, 1));
    expect(await rotate(revoked.id, 500)).to.equal(false);
  });

  it('know when they were last used, also where that is told late', async () => {
    const [one, two] = [await insert(), await insert()];
    const touch = (uses: [string, number][]) => store.write((tx) => tx.touchApiKeys(new Map(uses)));
    await touch([
      [one.id, 50],
      [two.id, 60],
      [uuid7(), 70],
    ]);
    await touch([[one.id, 40]]);
    expect((await store.read.apiKey(one.id))?.lastUsedAt).to.equal(50);
    expect((await store.read.apiKey(two.id))?.lastUsedAt).to.equal(60);
  });
});
