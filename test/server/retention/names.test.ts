import { expect } from 'chai';
import { collectUnasked } from '../../../server/room/retention/collect.ts';
import { someImage } from '../../fixtures/image.ts';
import { awayEngine, openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { builtRun, recorded } from '../store/builtRun.ts';
import { freshDatabase } from '../store/freshDatabase.ts';
import { storeKinds } from '../store/temporaryStore.ts';

const dayMs = 24 * 3_600_000;

for (const kind of storeKinds)
  describe(`names of members and engines, on ${kind}`, () => {
    let web: TestWeb;
    let giveBack = async () => {};
    before(async () => {
      const database = kind === 'PostgreSQL' ? await freshDatabase() : undefined;
      if (database) giveBack = () => database.giveBack();
      const env = { NAME: 'here', ...(database && { DATABASE: database.url, SECRETKEY: '0'.repeat(64) }) };
      web = await openTestWeb({ env, engines: [awayEngine('there')] });
    });
    after(async () => {
      await web?.close();
      await giveBack();
    });

    const seenAgo = (name: string, days: number) =>
      web.room.store.write((tx) => {
        const both = [{ kind: 'member', name } as const, { kind: 'engine', name } as const];
        return tx.sawNames(both, web.room.now() - days * dayMs);
      });
    async function left() {
      const { read } = web.room.store;
      const engines = (await read.knownEngines()).map(({ name }) => name).toSorted();
      return { wishes: [...(await read.wishes()).members.keys()].toSorted(), engines };
    }

    it('are forgotten when nobody had them for a month, unless an attempt tells of the engine', async () => {
      const { room } = web;
      await builtRun(room.store, { queue: 'slow' }, [recorded(someImage)]);
      const others = ['gone', 'lately', 'there'];
      for (const name of ['here', 'gone', 'lately']) await room.wishes.setMember(name, 'paused');
      for (const name of others) await room.store.write((tx) => tx.ensureEngine(name, 1));
      for (const name of ['here', 'one', ...others]) await seenAgo(name, name === 'lately' ? 29 : 31);
      await collectUnasked(room);
      const engines = ['lately', 'one', 'there'];
      expect(await left()).to.deep.equal({ wishes: ['here', 'lately'], engines });
      await seenAgo('lately', 31);
      await collectUnasked(room);
      expect(await left()).to.deep.equal({ wishes: ['here'], engines: ['one', 'there'] });
      // What somebody has, or tells of, is not looked at again soon.
      expect(await room.store.read.unseenNames(room.now() - dayMs)).to.deep.equal([]);
      expect(web.told.filter((line) => line.includes('broke off'))).to.deep.equal([]);
    });

    it('go with the last run that told of them', async () => {
      const { room } = web;
      await builtRun(room.store, {}, [recorded(someImage)]);
      const runs = await room.store.read.runsByKey({ afterKey: 0, limit: 10 });
      await room.store.write((tx) => tx.removeEndedRuns(runs.map(({ id }) => id)));
      await seenAgo('one', 31);
      await collectUnasked(room);
      expect((await left()).engines).to.deep.equal(['there']);
    });
  });
