import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Message } from '../../../server/store/contract/bus.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { openSession } from '../../../server/store/postgresSession.ts';
import { openBus, type BusOptions } from '../../../server/store/shared/bus.ts';
import { nameOf, payloadsOf, readPayload } from '../../../server/store/shared/payloads.ts';
import type { Store } from '../../../server/store/store.ts';
import { readPostgresUrl } from '../../../server/words/postgresUrl.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { sharedPostgres } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type CuttingProxy, startCuttingProxy } from '../store/cuttingProxy.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';

/** A store with what its bus told us. */
interface Ear {
  store: Store;
  heard: Message[];
  gaps: number;
}

describe('the bus between processes on one PostgreSQL', () => {
  let database: FreshDatabase;
  let ears: Ear[];
  beforeEach(async () => {
    database = await freshDatabase();
    ears = await Promise.all([1, 2, 3].map(() => listeningStore(database.url)));
  });
  afterEach(async () => {
    await Promise.all(ears.map(({ store }) => store.close()));
    await database.giveBack();
  });

  const [wake, keys] = [{ kind: 'wake' }, { kind: 'keys' }] as const;
  const tell = ({ store }: Ear, ...messages: Message[]) =>
    messages.forEach((message) => store.shared?.bus.tell(message));

  it('tells all others, in order, each thing once, and nothing to whoever said it', async () => {
    const [one, two, three] = ears as [Ear, Ear, Ear];
    const run = uuid7();
    tell(one, wake, { kind: 'run', run }, wake, { kind: 'log', run, last: 3 }, { kind: 'log', run, last: 7 });
    for (const ear of [two, three])
      await waitFor('what was told', () => ear.heard.some(({ kind }) => kind === 'log'));
    const all = [{ kind: 'run', run }, wake, { kind: 'log', run, last: 7 }];
    expect(two.heard).to.deep.equal(all);
    expect(three.heard).to.deep.equal(all);
    tell(two, keys);
    await waitFor('the answer', () => one.heard.length);
    expect(one.heard).to.deep.equal([keys]);
  });

  it('tells more than one notification holds', async () => {
    const [one, two] = ears as [Ear, Ear];
    const told = Array.from({ length: 1000 }, (): Message => ({ kind: 'run', run: uuid7() }));
    tell(one, ...told);
    await waitFor('all of it', () => two.heard.length === told.length);
    expect(two.heard).to.deep.equal(told);
  });

  it('hears through what is not of its making', async () => {
    const [one, two] = ears as [Ear, Ear];
    const channel = `docker_builder_${one.store.id.replaceAll('-', '')}`;
    for (const text of [
      '',
      'no JSON {',
      '7',
      '[]',
      '[7]',
      '["x", null, 7, {"kind": "later"}, {"kind": "run"}]',
    ])
      await database.script(`SELECT pg_notify('${channel}', '${text}')`);
    await database.script(`SELECT pg_notify('${channel}', '["x", {"kind": "toString"}, {"kind": "wake"}]')`);
    await waitFor('the part that is known', () => two.heard.length);
    tell(one, keys);
    await waitFor('what was told after it', () => two.heard.length > 1);
    expect(two.heard).to.deep.equal([wake, keys]);
  });

  it('connects again, says so, and goes on', async () => {
    const [one, two] = ears as [Ear, Ear];
    await waitFor('the first connection', () => two.gaps === 1);
    await database.script(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'docker-builder' AND datname = current_database()",
    );
    // Dropped while there is no connection: only a hint.
    tell(one, wake);
    await waitFor('the next connections', () => one.gaps === 2 && two.gaps === 2);
    tell(one, keys);
    await waitFor('what is told now', () => two.heard.some(({ kind }) => kind === 'keys'));
  });
});

describe('the connection of the bus', () => {
  let proxy: CuttingProxy;
  let hole: Server;
  before(async () => {
    proxy = await startCuttingProxy(`${(await sharedPostgres()).folder}/.s.PGSQL.5432`);
    // Takes connections, and never says a word.
    hole = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(hole, 'listening');
  });
  after(async () => {
    await proxy?.close();
    hole?.close();
  });

  function busOn(port: number, options: Partial<BusOptions> = {}) {
    const address = readPostgresUrl(`postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`);
    if ('problem' in address) throw new Error(address.problem);
    return openBus({
      connect: (wire) => openSession(address, { connectMs: 60_000, settings: {}, ...wire }),
      channel: 'channel_of_a_test',
      sender: uuid7(),
      ...options,
    });
  }

  it('is found out and made again when it died without a word', async () => {
    const bus = busOn(proxy.port, { lookMs: 50 });
    let gaps = 0;
    bus.onGap(() => gaps++);
    await waitFor('the connection', () => gaps === 1);
    proxy.swallowAnswersTo('SELECT 1', 'silence');
    await waitFor('the next one', () => gaps === 2);
    await bus.close();
  });

  it('may be closed at any time: while it is made, and when it is lost', async () => {
    const { port } = hole.address() as { port: number };
    const making = busOn(port);
    making.tell({ kind: 'wake' });
    await waitFor(
      'a connection to nobody',
      () =>
        new Promise<boolean>((resolve) => {
          hole.getConnections((_, count) => resolve(count > 0));
        }),
    );
    await making.close();
    const lost = busOn(proxy.port);
    await new Promise<void>((resolve) => void lost.onGap(resolve));
    proxy.cut();
    await lost.close();
    lost.tell({ kind: 'wake' });
  });

  it('tells what was said right before its end', async () => {
    const [one, two] = [busOn(proxy.port), busOn(proxy.port)];
    const heard: Message[] = [];
    two.listen((message) => heard.push(message));
    await Promise.all([one, two].map((bus) => new Promise<void>((resolve) => void bus.onGap(resolve))));
    one.tell({ kind: 'wishes' });
    await one.close();
    await waitFor('the last words', () => heard.length);
    await two.close();
  });
});

describe('what goes over the bus', () => {
  it('is cut into texts that NOTIFY takes, by bytes', () => {
    const messages = Array.from({ length: 500 }, (_, n): Message => ({
      kind: 'call',
      id: `${n}`,
      to: 'ä€😀'.repeat(9),
    }));
    const payloads = payloadsOf('me', messages);
    for (const payload of payloads) expect(Buffer.byteLength(payload)).to.be.below(8000);
    expect(payloads.flatMap((payload) => readPayload(payload)?.messages ?? [])).to.deep.equal(messages);
    expect(payloadsOf('me', [])).to.deep.equal([]);
    expect(payloadsOf('me', [{ kind: 'run', run: 'x'.repeat(9000) }])).to.deep.equal([]);
  });

  it('has of each log only its last line', () => {
    expect(nameOf({ kind: 'log', run: 'a', last: 1 })).to.equal(nameOf({ kind: 'log', run: 'a', last: 2 }));
    expect(nameOf({ kind: 'run', run: 'a' })).not.to.equal(nameOf({ kind: 'run', run: 'b' }));
  });
});

async function listeningStore(url: string): Promise<Ear> {
  const ear: Ear = { store: await openPostgresStore(url), heard: [], gaps: 0 };
  const bus = ear.store.shared?.bus;
  bus?.listen((message) => ear.heard.push(message));
  await new Promise<void>((resolve) => {
    bus?.onGap(() => {
      ear.gaps++;
      resolve();
    });
  });
  return ear;
}
