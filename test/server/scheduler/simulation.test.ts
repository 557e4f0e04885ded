import fc from 'fast-check';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../server/store/open.ts';
import { type StoreKind, storeKinds, temporaryStore, type TemporaryStore } from '../store/temporaryStore.ts';
import { tales, tell } from './history.ts';

/** Histories for each store. A few at each run of all tests; thousands now and then, by SIMULATION_RUNS. */
const usual: Record<StoreKind, number> = { SQLite: 40, PostgreSQL: 3 };
const wanted = process.env['SIMULATION_RUNS'];

/** Memory where there is any to be had: what is proven here is not that the disk holds. */
const shared = '/dev/shm';

async function openInMemory(): Promise<TemporaryStore> {
  const folder = mkdtempSync(join(existsSync(shared) ? shared : tmpdir(), 'dbs-'));
  const store = await openSqliteStore(folder);
  const remove = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...store, remove };
}

for (const kind of storeKinds)
  describe(`whatever happens to the queue, on ${kind}`, () => {
    const numRuns = wanted === undefined ? usual[kind] : Number(wanted);
    let store: TemporaryStore;
    before(async () => {
      store = await (kind === 'SQLite' ? openInMemory() : temporaryStore(kind));
    });
    after(() => store.remove());

    it('no limit is passed, nothing is lost, each run ends once, and every run ends', async function () {
      this.timeout(60_000 + numRuns * 5000);
      await fc.assert(
        fc.asyncProperty(tales, (tale) => tell(store, tale)),
        { numRuns },
      );
    });
  });
