import { expect } from 'chai';
import type { StepRecord } from '../../../builder/model/spec.ts';
import { cancel } from '../../../server/room/cancel.ts';
import { claim } from '../../../server/room/claim.ts';
import { ended } from '../../../server/room/ended.ts';
import { recordProgress } from '../../../server/room/progress.ts';
import { revokeKey } from '../../../server/room/keys/keys.ts';
import { isTerminal, type Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import type { TestWeb } from '../access/webFixture.ts';
import { known } from '../store/temporaryStore.ts';
import { openRooms, type Rooms, ways } from './rooms.ts';

const order = ['queued', 'running', 'completed'];

for (const way of ways)
  describe(`two servers on one database, ${way}`, () => {
    let rooms: Rooms;
    let a: TestWeb;
    let b: TestWeb;
    before(async () => {
      rooms = await openRooms(2, way);
      [a, b] = rooms.webs as [TestWeb, TestWeb];
      await rooms.rest(a);
    });
    after(() => rooms?.close());

    it('work on what the other was asked for, and tell it the end', async () => {
      const { run } = await rooms.trigger(a, await rooms.job());
      const end = await ended(a.room, run);
      expect(end.state).to.equal('completed');
      expect(await rooms.ended(run)).to.deep.equal(end);
    });

    it('tell who listens to a run, or to all, of each change in its order', async () => {
      const job = await rooms.job();
      const release = rooms.hold();
      const { run } = await rooms.trigger(a, job);
      const [one, all]: [Run[], Run[]] = [[], []];
      const stops = [
        a.room.events.onRun(run.id, (changed) => one.push(changed)),
        a.room.events.onAnyRun((changed) => changed.id === run.id && all.push(changed)),
      ];
      await waitFor('its start', () => one.at(-1)?.state === 'running' && all.at(-1)?.state === 'running');
      release();
      for (const seen of [one, all]) {
        const end = await waitFor('its end', () => seen.find(({ state }) => isTerminal(state)));
        expect(end).to.deep.equal(await rooms.ended(run));
        const places = seen.map(({ state }) => order.indexOf(state));
        expect(places).to.deep.equal(places.toSorted((x, y) => x - y));
      }
      for (const stop of stops) stop();
    });

    it('tell each other of changes as their own to nobody', async () => {
      const own: string[] = [];
      const stop = a.room.events.onOwnRun(({ state }) => own.push(state));
      const any: string[] = [];
      const stopAny = a.room.events.onAnyRun(({ state }) => any.push(state));
      await rooms.trigger(b, await rooms.job());
      await waitFor('the end', () => any.includes('completed'));
      expect(own).to.deep.equal([]);
      stop();
      stopAny();
    });

    it('stop what the other works on', async () => {
      const job = await rooms.job({ maxAttempts: 1 });
      const release = rooms.hold();
      const { run } = await rooms.trigger(a, job);
      await waitFor('its start', () => rooms.calls.includes(run.id));
      const canceled = await cancel(a.room, run.id);
      expect(canceled.state).to.equal('running');
      expect(await ended(a.room, run)).to.include({ state: 'canceled', reason: 'canceled' });
      release();
    });

    it('tell each other of steps, once each, and before the end', async () => {
      await b.room.wishes.setServer('paused');
      const { run } = await rooms.trigger(a, await rooms.job());
      const [held] = await claim(b.room, { place: 'http', engine: null }, 1);
      expect(held?.run.id).to.equal(run.id);
      const steps: StepRecord[] = [];
      const stop = a.room.events.onStep(run.id, (step) => steps.push({ ...step }));
      const progress = recordProgress(b.room, await known(Promise.resolve(held)), 20);
      const step = (number: number, durationMs?: number): StepRecord => ({
        number,
        instruction: `RUN ${number}`,
        cached: false,
        total: 2,
        startedAt: number,
        ...(durationMs !== undefined && { durationMs }),
      });
      progress.onEvent({ type: 'step:start', step: step(1) });
      await waitFor('the first step', () => steps.length);
      progress.onEvent({ type: 'step:end', step: step(1, 7) });
      progress.onEvent({ type: 'step:start', step: step(2) });
      await waitFor('the others', () => steps.length > 2);
      expect(steps).to.deep.equal([step(1), step(1, 7), step(2)]);
      stop();
      await progress.settled();
      await cancel(a.room, run.id);
      await b.room.wishes.setServer('on');
    });

    it('forget a revoked key', async () => {
      const { key, text } = await a.makeKey();
      expect((await b.ask('GET', '/v1/runs?project_id=acme', { key: text })).status).to.equal(200);
      await revokeKey(a.room, { kind: 'admin' }, key.id);
      await waitFor('the other to know it', async () => {
        const { status } = await b.ask('GET', '/v1/runs?project_id=acme', { key: text });
        return status === 401;
      });
    });
  });

describe('two servers that hear each other', () => {
  let rooms: Rooms;
  before(async () => {
    rooms = await openRooms(2);
  });
  after(() => rooms?.close());

  it('heed what the other was asked to hold back, and go on with it', async () => {
    const [a, b] = rooms.webs as [TestWeb, TestWeb];
    await a.room.wishes.setServer('paused');
    await waitFor('the other to hear', () => b.room.wishes.server() === 'paused');
    const { run } = await rooms.trigger(b, await rooms.job());
    expect(rooms.calls).not.to.include(run.id);
    await a.room.wishes.setServer('on');
    expect(await ended(b.room, run)).to.include({ state: 'completed' });
  });

  it('have all of it when they were cut off from each other', async () => {
    const [a, b] = rooms.webs as [TestWeb, TestWeb];
    await rooms.rest(a);
    const release = rooms.hold();
    const { run } = await rooms.trigger(a, await rooms.job());
    const end = ended(a.room, run);
    await waitFor('its start', () => rooms.calls.includes(run.id));
    await rooms.database.script(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN docker%' AND pid <> pg_backend_pid()",
    );
    release();
    expect(await end).to.include({ state: 'completed' });
    expect(b.room.fleet.me.name).to.equal('member-1');
  });
});
