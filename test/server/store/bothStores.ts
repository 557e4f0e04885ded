import { storeKinds, type TemporaryStore, temporaryStore } from './temporaryStore.ts';

/** Registers the suite once for each database that keeps a store; `open` gives it an empty one of its own. */
export function onBothStores(title: string, suite: (open: () => Promise<TemporaryStore>) => void): void {
  for (const kind of storeKinds) describe(`${title}, on ${kind}`, () => suite(() => temporaryStore(kind)));
}
