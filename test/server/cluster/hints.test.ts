import { expect } from 'chai';
import { trustIn } from '../../../server/room/cluster/peek.ts';
import { createToldPlaces } from '../../../server/room/cluster/toldPlaces.ts';
import { letGoFirst } from '../../../server/room/http/dispatches.ts';
import type { Message } from '../../../server/store/contract/bus.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { payloadsOf, readPayload } from '../../../server/store/shared/payloads.ts';
import type { Store } from '../../../server/store/store.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { addJob } from '../store/temporaryStore.ts';

describe('what is told behind a commit', () => {
  let database: FreshDatabase;
  let stores: Store[];
  let heard: Message[];
  /** Jobs that could be read when something was heard. */
  let found: Promise<number[]>[];
  before(async () => {
    database = await freshDatabase();
    stores = await Promise.all([connectedStore(database.url), connectedStore(database.url)]);
    const [, two] = stores;
    two?.shared?.bus.listen((message) => {
      heard.push(message);
      found.push(jobs(two));
    });
  });
  beforeEach(() => {
    heard = [];
    found = [];
  });
  after(async () => {
    await Promise.all((stores ?? []).map((store) => store.close()));
    await database?.giveBack();
  });

  const jobs = async ({ read }: Store) =>
    (await read.jobs({ project: 'acme' }, { limit: 1000 })).map(({ key }) => key);
  const waits = (place: string): Message => ({ kind: 'wake', places: [`engine/${place}`] });
  const makeJob = (slug: string) => (store: Store, message: Message) =>
    store.write(async (tx) => {
      const { key } = await addJob(tx, { slug });
      store.shared?.bus.tellBehind(message);
      return key;
    });

  it('can be read by whoever hears it, and is told to nobody before', async () => {
    const [one] = stores as [Store];
    for (const slug of ['a', 'b', 'c']) {
      const key = await makeJob(slug)(one, waits(slug));
      await waitFor(slug, () => heard.length === 1);
      expect(heard).to.deep.equal([waits(slug)]);
      expect(await found[0]).to.include(key);
      beforeTheNext();
    }
  });

  it('is gathered where commits come in crowds, and each can be read all the same', async () => {
    const [one] = stores as [Store];
    const keys: number[] = [];
    const slugs = Array.from({ length: 20 }, (_, n) => `crowd-${n}`);
    for (const slug of slugs) keys.push(await makeJob(slug)(one, waits(slug)));
    await waitFor('all of it', () => heard.length === slugs.length);
    for (const [index, message] of heard.entries()) {
      const key = keys[slugs.findIndex((slug) => nameOfPlace(message) === `engine/${slug}`)];
      expect(await found[index]).to.include(key);
    }
  });

  it('waits for the next commit where there was none', async () => {
    const [one] = stores as [Store];
    const failed = one.write(async () => {
      one.shared?.bus.tellBehind(waits('late'));
      throw new Error('undone');
    });
    await failed.catch(() => undefined);
    await makeJob('next')(one, { kind: 'wake' });
    await waitFor('both', () => heard.length === 2);
    expect(heard).to.have.deep.members([waits('late'), { kind: 'wake' }]);
  });

  function beforeTheNext(): void {
    heard = [];
    found = [];
  }
});

async function connectedStore(url: string): Promise<Store> {
  const store = await openPostgresStore(url);
  await new Promise<void>((resolve) => void store.shared?.bus.onGap(resolve));
  return store;
}

function nameOfPlace(message: Message): string | undefined {
  return 'places' in message ? message.places?.[0] : undefined;
}

describe('hints of what waits', () => {
  it('name places, or come to nothing where these are none', () => {
    const wake: Message = { kind: 'wake', places: ['http', 'engine/linux/amd64'] };
    const [payload = ''] = payloadsOf('me', [wake]);
    expect(readPayload(payload)?.messages).to.deep.equal([wake]);
    const strange = '["x",{"kind":"wake","places":7},{"kind":"wake","places":[7]},{"kind":"wake"}]';
    expect(readPayload(strange)?.messages).to.deep.equal([{ kind: 'wake' }]);
  });

  it('are put together until somebody looks', () => {
    const told = createToldPlaces();
    expect(told.take()).to.deep.equal([]);
    told.note(['http']);
    told.note(['engine', 'http']);
    expect(told.take()).to.deep.equal(['http', 'engine']);
    told.note(['http']);
    told.note(undefined);
    expect(told.take()).to.equal(undefined);
    expect(told.take()).to.deep.equal([]);
  });

  it('are taken at their word by few members, and not in a crowd of hints', () => {
    let members = 4;
    const trusts = trustIn({ fleet: { crowd: () => members } });
    expect([trusts(), trusts()]).to.deep.equal([true, false]);
    members = 5;
    expect(trustIn({ fleet: { crowd: () => members } })()).to.equal(false);
  });
});

describe('who answers for a run', () => {
  it('lets its request go out first where that begins just now', async () => {
    const order: string[] = [];
    const dispatches = new Map<string, unknown>();
    const answers = ['begun', 'other'].map(async (run) => {
      await letGoFirst(dispatches, run);
      order.push(`answer for ${run}`);
    });
    // As after a commit: it begins some promises later, and looks at its connection before it sends.
    await Promise.resolve().then(() => {
      dispatches.set('begun', {});
      setImmediate(() => order.push('request'));
    });
    await Promise.all(answers);
    expect(order).to.deep.equal(['answer for other', 'request', 'answer for begun']);
  });
});
