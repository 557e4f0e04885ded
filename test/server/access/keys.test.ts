import { expect } from 'chai';
import { createKeyring } from '../../../server/room/keys/keyring.ts';
import {
  createKey,
  findKey,
  type KeyRoom,
  listKeys,
  revokeKey,
  rotateKey,
} from '../../../server/room/keys/keys.ts';
import { Problem } from '../../../server/words/problems.ts';
import type { Identity } from '../../../server/words/scopes.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { type TemporaryStore, temporaryStore } from '../store/temporaryStore.ts';

const admin: Identity = { kind: 'admin' };
const day = 24 * 3600 * 1000;

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('api keys in the room', () => {
  let store: TemporaryStore;
  let room: KeyRoom;
  let now = 1_800_000_000_000;
  let told: object[];

  beforeEach(async () => {
    store = await temporaryStore();
    told = [];
    const report = { info: (fields: object) => void told.push(fields), warn() {}, error() {} };
    room = { store, now: () => now, keyring: createKeyring({ store, now: () => now }), report };
  });
  afterEach(() => store.remove());

  const make = (identity: Identity = admin, wish: Partial<Parameters<typeof createKey>[2]> = {}) =>
    createKey(room, identity, { project: 'acme', name: 'ci', scopes: [], ...wish });
  const holderOf = async (text: string): Promise<Identity> => {
    const identity = await room.keyring.identify(text);
    if (!identity) throw new Error('the key is not known');
    return identity;
  };

  it('are random, shown once, and known by their hash only', async () => {
    const [one, two] = [await make(), await make()];
    expect(one.text).to.match(/^db_[0-9A-Za-z]{40}$/);
    expect(one.text).not.to.equal(two.text);
    expect(one.key.hint).to.equal(one.text.slice(0, 11));
    const kept = JSON.stringify([await store.read.apiKey(one.key.id), told]);
    expect(kept).not.to.contain(one.text.slice(11));
    expect(await holderOf(one.text)).to.deep.equal({
      kind: 'key',
      keyId: one.key.id,
      project: 'acme',
      scopes: [],
    });
  });

  it('are not believed where they are not exactly right', async () => {
    const { text } = await make();
    const wrong = [text.slice(0, -1), `${text}0`, text.toLowerCase(), text.slice(3), '', 'db_', ` ${text}`];
    for (const one of wrong) expect(await room.keyring.identify(one), one).to.equal(undefined);
  });

  it('stop at once when they are revoked, however lately they were used', async () => {
    const { key, text } = await make();
    await holderOf(text);
    await revokeKey(room, admin, key.id);
    expect(await refusal(holderOf(text))).to.equal('401 api key has been revoked');
    expect(await refusal(room.keyring.identifyById(key.id))).to.equal('401 api key has been revoked');
    await revokeKey(room, admin, key.id);
    expect(await refusal(revokeKey(room, admin, uuid7()))).to.equal('404 api key not found');
  });

  it('are not believed on an answer from before a change', async () => {
    const { key, text } = await make();
    const asked = holderOf(text);
    room.keyring.forget();
    await asked;
    await store.write((tx) => tx.revokeApiKey(key.id, now));
    expect(await refusal(holderOf(text))).to.match(/revoked/);
  });

  it('stop within seconds where another process revokes them', async () => {
    const { key, text } = await make();
    await holderOf(text);
    await store.write((tx) => tx.revokeApiKey(key.id, now));
    now += 2000;
    expect(await refusal(holderOf(text))).to.match(/revoked/);
  });

  it('end when they expire, to the millisecond', async () => {
    const { text } = await make(admin, { expiresAt: now + day });
    now += day - 1;
    await holderOf(text);
    now += 1;
    expect(await refusal(holderOf(text))).to.equal('401 api key has expired');
    expect(await refusal(make(admin, { expiresAt: now }))).to.match(/^400 /);
  });

  it('rotate with a time of grace', async () => {
    const old = await make(admin, { scopes: ['jobs:read'], expiresAt: now + 10 * day });
    const { key, text } = await rotateKey(room, admin, old.key.id, 3600);
    expect(key).to.include({ project: 'acme', name: 'ci', expiresAt: now + 10 * day, createdBy: null });
    expect(key.scopes).to.deep.equal(['jobs:read']);
    expect((await findKey(store.read, admin, old.key.id)).rotatedTo).to.equal(key.id);
    await holderOf(old.text);
    await holderOf(text);
    expect(await refusal(rotateKey(room, admin, old.key.id, 0))).to.match(/^409 .*was rotated before/);
    now += 3_600_000;
    expect(await refusal(holderOf(old.text))).to.equal('401 api key rotation grace period has ended');
    await holderOf(text);
  });

  it('do not rotate once they are dead', async () => {
    const [revoked, expired] = [await make(), await make(admin, { expiresAt: now + 1 })];
    await revokeKey(room, admin, revoked.key.id);
    now += 1;
    expect(await refusal(rotateKey(room, admin, revoked.key.id, 0))).to.match(/^409 /);
    expect(await refusal(rotateKey(room, admin, expired.key.id, 0))).to.match(/^409 /);
  });

  it('note in batches when they were used', async () => {
    const { key, text } = await make();
    await holderOf(text);
    now += 10;
    await holderOf(text);
    expect((await store.read.apiKey(key.id))?.lastUsedAt).to.equal(null);
    await room.keyring.saveUses();
    expect((await store.read.apiKey(key.id))?.lastUsedAt).to.equal(now);
  });

  it('end the open mode for good', async () => {
    expect(await room.keyring.hasKeys()).to.equal(false);
    const { key } = await make();
    expect(await room.keyring.hasKeys()).to.equal(true);
    await revokeKey(room, admin, key.id);
    expect(await room.keyring.hasKeys()).to.equal(true);
    const restarted = createKeyring({ store, now: () => now });
    expect(await restarted.hasKeys()).to.equal(true);
  });

  describe('made by keys', () => {
    it('can do no more than their makers', async () => {
      const maker = await holderOf((await make(admin, { scopes: ['api-keys:manage', 'jobs:read'] })).text);
      const { key } = await make(maker, { scopes: ['jobs:read'] });
      expect(key.createdBy).to.equal(maker.kind === 'key' ? `apikey:${maker.keyId}` : '');
      for (const scopes of [['jobs:write'], ['jobs:read', 'admin'], ['*'], []])
        expect(await refusal(make(maker, { scopes })), scopes.join()).to.match(/^403 .*more than itself/);
      const everything = await holderOf((await make(admin, { scopes: ['*'] })).text);
      await make(everything, { scopes: [] });
      expect(await refusal(make(everything, { scopes: ['admin'] }))).to.match(/^403 /);
    });

    it('are of the same project', async () => {
      const maker = await holderOf((await make()).text);
      for (const project of ['other', 'ACME', '', null])
        expect(await refusal(make(maker, { project }))).to.match(/^403 .*own project/);
      const everywhere = await holderOf((await make(admin, { project: null })).text);
      await make(everywhere, { project: 'other' });
      await make(everywhere, { project: null });
    });

    it('do not outlive them', async () => {
      const maker = await holderOf((await make(admin, { expiresAt: now + day })).text);
      expect((await make(maker)).key.expiresAt).to.equal(now + day);
      expect((await make(maker, { expiresAt: now + 1000 })).key.expiresAt).to.equal(now + 1000);
      expect(await refusal(make(maker, { expiresAt: now + day + 1 }))).to.match(/^403 .*lasts longer/);
      const forEver = await make();
      expect(await refusal(rotateKey(room, maker, forEver.key.id, 0))).to.match(/^403 .*lasts longer/);
    });

    it('are not made any more by one that was revoked a moment ago', async () => {
      const { key, text } = await make();
      const maker = await holderOf(text);
      await revokeKey(room, admin, key.id);
      expect(await refusal(make(maker))).to.equal('401 api key has been revoked');
    });

    it('cannot be got by rotating a stronger one', async () => {
      const weak = await holderOf((await make(admin, { scopes: ['api-keys:manage'] })).text);
      const strong = await make(admin, { scopes: ['admin'] });
      expect(await refusal(rotateKey(room, weak, strong.key.id, 0))).to.match(/^403 .*more than itself/);
      expect((await findKey(store.read, admin, strong.key.id)).rotatedTo).to.equal(null);
    });

    it('are not there for those of another project', async () => {
      const [own, other, everywhere] = [
        await make(),
        await make(admin, { project: 'other' }),
        await make(admin, { project: null }),
      ];
      const holder = await holderOf(own.text);
      const names = async (project?: string) =>
        (await listKeys(room, holder, { limit: 10, ...(project !== undefined && { project }) })).map(
          ({ id }) => id,
        );
      expect(await names()).to.deep.equal([own.key.id]);
      expect(await names('other')).to.deep.equal([]);
      for (const { key } of [other, everywhere])
        for (const attempt of [
          findKey(store.read, holder, key.id),
          revokeKey(room, holder, key.id),
          rotateKey(room, holder, key.id, 0),
        ])
          expect(await refusal(attempt)).to.equal('404 api key not found');
      await holderOf(other.text);
    });
  });
});
