import { expect } from 'chai';
import { storeKinds, temporaryStore, type TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

for (const kind of storeKinds)
  describe(`the start of a run at once, on ${kind}`, () => {
    let store: TemporaryStore;
    let workshop: Workshop;
    let claims: Promise<unknown>[];

    before(async () => {
      store = await temporaryStore(kind);
    });
    beforeEach(() => {
      workshop = openWorkshop(store);
      claims = [];
      workshop.room.wakeEarly = () => void claims.push(workshop.take());
    });
    afterEach(async () => {
      workshop.room.wakeEarly = () => {};
      await Promise.all(claims);
      await workshop.close();
    });
    after(() => store?.remove());

    it('is stored together with the run, where a worker is free', async () => {
      const run = await workshop.trigger(await workshop.job());
      expect(run.state).to.equal('queued');
      expect(await workshop.state(run)).to.equal('running');
    });

    it('waits where the run may not start yet', async () => {
      const run = await workshop.trigger(await workshop.job({ debounceWindowSecs: 60 }));
      expect(await workshop.state(run)).to.equal('delayed');
    });

    it('is told after the birth of the run', async () => {
      const told: string[] = [];
      const stop = workshop.room.events.onAnyRun(({ state }) => void told.push(state));
      await workshop.trigger(await workshop.job());
      await Promise.all(claims);
      stop();
      expect(told).to.deep.equal(['queued', 'running']);
    });
  });
