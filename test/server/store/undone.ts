import type { Store, Tx } from '../../../server/store/store.ts';

class Undone extends Error {}

/** Lets a history happen in a store, and has all of it undone: a hundred of them need no hundred stores. */
export async function undone(store: Store, happen: (tx: Tx) => Promise<void>): Promise<void> {
  const work = store.write(async (tx) => {
    await happen(tx);
    throw new Undone();
  });
  await work.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
}
