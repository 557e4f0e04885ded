import { expect } from 'chai';
import { cancel } from '../../../server/room/cancel.ts';
import { startWorker } from '../../../server/room/worker.ts';
import { loseAttempt } from '../../fixtures/lostLease.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { type HttpWorld, openHttpWorld } from './httpWorld.ts';

describe('the worker of HTTP jobs', () => {
  let world: HttpWorld;
  let endpoint: Receiver;
  let answerAfterMs: number | undefined;

  beforeEach(async () => {
    answerAfterMs = 0;
    world = await openHttpWorld({ DOCKER_BUILDER_HTTPCONCURRENCY: '5', DOCKER_BUILDER_LEASE: '1' });
    endpoint = await startReceiver((response) => {
      if (answerAfterMs !== undefined) setTimeout(() => response.end(), answerAfterMs);
    });
  });
  afterEach(async () => {
    await world.close();
    await endpoint.close();
  });

  it('calls as many endpoints at once as it may, and each run once', async () => {
    answerAfterMs = 10;
    const job = await world.job(endpoint.url);
    const runs = await Promise.all(Array.from({ length: 60 }, () => world.trigger(job)));
    const ends = await Promise.all(runs.map((run) => world.ended(run)));
    expect(new Set(ends.map(({ state }) => state))).to.deep.equal(new Set(['completed']));
    expect(endpoint.received.map(({ headers }) => headers['x-run-id'])).to.have.members(
      runs.map(({ id }) => id),
    );
    expect(endpoint.mostOpen).to.equal(5);
    expect(world.reports).to.deep.equal([]);
  });

  it('ends every run that is canceled at whatever moment', async () => {
    const job = await world.job(endpoint.url);
    const runs = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const run = await world.trigger(job);
        await cancel(world.room, run.id).catch(() => undefined);
        return run;
      }),
    );
    const ends = await Promise.all(runs.map((run) => world.ended(run)));
    expect(ends.filter(({ state }) => state !== 'canceled' && state !== 'completed')).to.deep.equal([]);
    await waitFor('the worker to be idle', () => world.room.dispatches.size === 0);
    expect(world.reports).to.deep.equal([]);
  });

  it('gives back what does not finish in the time of grace, and it is called again', async () => {
    answerAfterMs = undefined;
    const run = await world.trigger(await world.job(endpoint.url));
    await waitFor('the call', () => endpoint.open === 1);
    await world.stop(20);
    const given = await world.room.store.read.run(run.id);
    expect(given).to.include({ state: 'queued', attempt: 2, countedAttempts: 1, reason: 'released' });
    await waitFor('the request to be cut', () => endpoint.open === 0);
    answerAfterMs = 0;
    const next = startWorker(world.room);
    expect(await world.ended(run)).to.include({ state: 'completed', attempt: 2, countedAttempts: 1 });
    await next.stop(0);
  });

  it('lets a call finish in the time of grace, and claims nothing more', async () => {
    answerAfterMs = 50;
    const job = await world.job(endpoint.url);
    const run = await world.trigger(job);
    await waitFor('the call', () => endpoint.open === 1);
    await world.stop(5000);
    expect((await world.room.store.read.run(run.id))?.state).to.equal('completed');
    const late = await world.trigger(job);
    expect((await world.room.store.read.run(late.id))?.state).to.equal('queued');
  });

  it('keeps the lease of a call that takes longer than the lease', async () => {
    answerAfterMs = 1300;
    const run = await world.trigger(await world.job(endpoint.url));
    await waitFor('the lease to be renewed', async () => {
      const [attempt] = await world.room.store.read.attempts(run.id);
      const { startedAt = null, leaseExpiresAt = null } = attempt ?? {};
      return startedAt !== null && leaseExpiresAt !== null && leaseExpiresAt - startedAt > 1050;
    });
    expect(await world.ended(run)).to.include({ state: 'completed', attempt: 1 });
  });

  it('cuts a call whose attempt was closed as lost, and the next one goes on by itself', async () => {
    answerAfterMs = undefined;
    const { room } = world;
    const run = await world.trigger(await world.job(endpoint.url));
    await waitFor('the call', () => endpoint.open === 1);
    answerAfterMs = 300;
    await loseAttempt(room, run);
    await waitFor('both calls', () => endpoint.mostOpen === 2);
    expect(await world.ended(run)).to.include({ state: 'completed', attempt: 2 });
    await waitFor('the first call to be cut', () => endpoint.open === 0);
    const late = 'came late: the attempt is no longer held';
    await waitFor('the first to hear that it came late', () => world.reports.includes(late));
    expect(world.reports).to.deep.equal([late]);
  });

  it('has the lines of both attempts in order where the first still writes while the second begins', async () => {
    answerAfterMs = undefined;
    const { room } = world;
    const run = await world.trigger(await world.job(endpoint.url));
    const say = async (call: number, message: string) => {
      await waitFor('the call', () => endpoint.received.length === call);
      const Authorization = `Bearer ${String(endpoint.received[call - 1]?.headers['x-run-token'])}`;
      const url = `${world.url}/sdk/v1/runs/${run.id}/log`;
      const sent = { method: 'POST', headers: { Authorization }, body: JSON.stringify({ message }) };
      expect((await fetch(url, sent)).status).to.equal(200);
    };
    await say(1, 'first');
    answerAfterMs = 50;
    await loseAttempt(room, run);
    await say(2, 'second');
    expect(await world.ended(run)).to.include({ state: 'completed', attempt: 2 });
    const lines = (await world.log(run)).split('\n').map((line) => line.split(/ of |: /)[0]);
    const second = ['attempt 2', 'second', 'endpoint returned 200', 'completed'];
    expect(lines).to.deep.equal(['attempt 1', 'first', 'lost', ...second]);
  });
});
