import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isKnownQueue,
  listQueues,
  putQueue,
  removeQueue,
  setQueues,
} from '../../../server/room/queues/queues.ts';
import type { Room } from '../../../server/room/room.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { onBothStores } from '../store/bothStores.ts';
import { addJob, addRun, take, type TemporaryStore } from '../store/temporaryStore.ts';

const free = { paused: false, max_running: null, waiting: 0, running: 0 };
const usual = { name: 'default', source: 'jobs', ...free };

describe('the queues over HTTP', () => {
  let web: TestWeb;
  beforeEach(async () => {
    web = await openTestWeb({
      env: {},
      settings: {
        queues: [
          { name: 'nightly', maxRunning: 2 },
          { name: 'halted', paused: true },
        ],
      },
    });
  });
  afterEach(() => web.close());

  const get = async (name: string) => (await web.ask('GET', `/queues/${name}`)).json;
  const status = async (method: string, path: string, body?: unknown) =>
    (await web.ask(method, `/queues/${path}`, { body })).status;
  const declared = (name: string, more: object) => ({ name, source: 'settings', ...free, ...more });

  it('are those of the settings and the usual one', async () => {
    const { status: code, json } = await web.ask('GET', '/queues');
    expect(code).to.equal(200);
    expect(json).to.deep.equal([
      usual,
      declared('halted', { paused: true }),
      declared('nightly', { max_running: 2 }),
    ]);
    expect(await get('nightly')).to.deep.equal(declared('nightly', { max_running: 2 }));
    expect(await status('GET', 'nope')).to.equal(404);
  });

  it('are made, changed, paused, resumed and removed', async () => {
    const made = await web.ask('PUT', '/queues/slow', { body: { max_running: 3 } });
    expect([made.status, made.json]).to.deep.equal([
      200,
      { name: 'slow', source: 'api', ...free, max_running: 3 },
    ]);
    expect((await web.ask('PUT', '/queues/slow', { body: { paused: true } })).json).to.include({
      paused: true,
      max_running: 3,
    });
    expect((await web.ask('PUT', '/queues/slow', { body: { max_running: null } })).json).to.include({
      max_running: null,
    });
    expect((await web.ask('POST', '/queues/slow/resume')).json).to.include({ paused: false });
    expect((await web.ask('POST', '/queues/slow/pause')).json).to.include({ paused: true });
    expect(await status('PUT', 'empty')).to.equal(200);
    const names = (await web.ask('GET', '/queues')).json as unknown as { name: string }[];
    expect(names.map(({ name }) => name)).to.deep.equal(['default', 'empty', 'halted', 'nightly', 'slow']);
    expect([
      await status('DELETE', 'slow'),
      await status('GET', 'slow'),
      await status('DELETE', 'slow'),
    ]).to.deep.equal([204, 404, 404]);
    expect(await web.room.store.read.queues()).to.deep.equal([
      { name: 'halted', paused: true, maxRunning: null },
      { name: 'nightly', paused: false, maxRunning: 2 },
    ]);
  });

  it('are paused beside what the settings say of them, and changed only there', async () => {
    expect((await web.ask('POST', '/queues/nightly/pause')).json).to.deep.equal(
      declared('nightly', { paused: true, max_running: 2 }),
    );
    expect((await web.ask('POST', '/queues/nightly/resume')).json).to.deep.equal(
      declared('nightly', { max_running: 2 }),
    );
    expect(await status('PUT', 'nightly', { max_running: 2, paused: true })).to.equal(200);
    expect(await status('PUT', 'nightly', { max_running: 5 })).to.equal(409);
    expect(await status('PUT', 'nightly', { max_running: null })).to.equal(409);
    expect(await status('POST', 'halted/resume')).to.equal(409);
    expect(await status('DELETE', 'nightly')).to.equal(409);
  });

  it('refuse what cannot be', async () => {
    for (const body of [
      '{',
      '[]',
      { max_running: 0 },
      { max_running: 1.5 },
      { paused: 1 },
      { nope: 1 },
      { max_running: 1e9 },
    ])
      expect(await status('PUT', 'slow', body), JSON.stringify(body)).to.equal(400);
    expect((await web.ask('PUT', '/queues/slow', { body: { max_running: 0 } })).json).to.include({
      error: 'max_running must be a whole number from 1 to 1000000, or null',
      field: 'max_running',
    });
    for (const name of ['%00', '-x', 'a%20b', 'x'.repeat(64), '%ED%A0%80', 'é'])
      expect(await status('PUT', name, {}), name).to.equal(400);
    for (const name of ['%00', 'x'.repeat(5000), '%ED%A0%80'])
      for (const [method, path] of [
        ['GET', name],
        ['DELETE', name],
        ['POST', `${name}/pause`],
      ] as const)
        expect(await status(method, path), path.slice(0, 20)).to.be.oneOf([400, 404]);
    expect(await status('POST', 'nope/pause')).to.equal(404);
    expect(await status('PATCH', 'nightly')).to.equal(405);
  });

  it('show what is in them, and are kept while something is', async () => {
    await web.ask('PUT', '/queues/slow', { body: { paused: true } });
    const { room } = web;
    await room.wishes.setServer('paused');
    const add = (queue: string) => room.store.write((tx) => addRun(tx, { queue }));
    await add('slow');
    await add('slow');
    await add('of-a-job');
    await room.store.write((tx) => take(tx));
    expect(await get('slow')).to.include({ waiting: 2, running: 0 });
    expect(await get('of-a-job')).to.deep.equal({ name: 'of-a-job', source: 'jobs', ...free, running: 1 });
    expect(await status('DELETE', 'slow')).to.equal(409);
    expect((await web.ask('POST', '/queues/of-a-job/pause')).json).to.include({
      source: 'api',
      paused: true,
    });
    await web.ask('POST', '/queues/slow/resume');
    await room.store.write((tx) => take(tx));
    expect(await get('slow')).to.include({ waiting: 1, running: 1 });
  });

  it('go on as they are when the settings are edited, and are the interface’s again where these let go', async () => {
    await web.ask('PUT', '/queues/slow', { body: { max_running: 3 } });
    await web.ask('POST', '/queues/nightly/pause');
    const edit = (queues: object[]) => writeFile(join(web.data, 'settings.json'), JSON.stringify({ queues }));
    await edit([{ name: 'slow', maxRunning: 1 }]);
    await waitFor('the settings', async () => (await get('slow'))['source'] === 'settings');
    expect(await get('slow')).to.include({ max_running: 1 });
    expect(await get('nightly')).to.include({ source: 'api', paused: true, max_running: null });
    expect(await status('GET', 'halted')).to.equal(404);
    await edit([]);
    await waitFor('the settings', async () => (await get('slow'))['source'] === 'api');
    expect(await get('slow')).to.include({ max_running: 3 });
  });
});

onBothStores('queues that were made', (open) => {
  let store: TemporaryStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.remove());

  const room = () => ({ store, now: () => 5000, wake: () => {} }) as unknown as Room;

  it('are there after a restart, and hold back what they held back', async () => {
    await putQueue(room(), 'slow', { maxRunning: 1 });
    await putQueue(room(), 'idle', {});
    await setQueues(room(), [{ name: 'nightly', paused: true, maxRunning: null }]);
    const shown = (await listQueues(room())).map(({ name, source }) => `${name} ${source}`);
    expect(shown).to.deep.equal(['default jobs', 'idle api', 'nightly settings', 'slow api']);
    await store.write(async (tx) => {
      const job = await addJob(tx);
      for (const queue of ['slow', 'slow', 'nightly', 'idle']) await addRun(tx, { job, queue });
    });
    const taken = async () => (await store.write((tx) => take(tx, 6000)))?.run.queue;
    expect([await taken(), await taken(), await taken()]).to.have.members(['slow', 'idle', undefined]);
    expect(await listQueues(room())).to.deep.include({
      name: 'slow',
      source: 'api',
      paused: false,
      maxRunning: 1,
      waiting: 1,
      running: 1,
    });
    await putQueue(room(), 'slow', { maxRunning: null });
    expect(await taken()).to.equal('slow');
  });

  it('are known by their names, and so are those of the settings and the usual one', async () => {
    await putQueue(room(), 'slow', {});
    await setQueues(room(), [{ name: 'nightly', paused: false, maxRunning: null }]);
    const known = await Promise.all(
      ['default', 'slow', 'nightly', 'nope', '', 'Slow', 'x\0'].map((name) => isKnownQueue(room(), name)),
    );
    expect(known).to.deep.equal([true, true, true, false, false, false, false]);
    await removeQueue(room(), 'slow');
    await setQueues(room(), []);
    expect(await store.read.knownQueues()).to.deep.equal([]);
    expect(await store.read.queues()).to.deep.equal([]);
  });
});
