import type { Wishes as StoredWishes } from '../../store/contract/engines.ts';
import type { Store } from '../../store/store.ts';
import type { Wish } from '../../words/wish.ts';

/** What people want of the engines and of the whole server; it outlives a restart. */
export interface Wishes {
  server(): Wish;
  of(engine: string): Wish;
  /** Nothing begins against it once this resolves: what was claimed before is in the store by then. */
  setServer(wish: Wish): Promise<void>;
  /** The same for an engine. */
  setEngine(name: string, wish: Wish): Promise<void>;
  /** Learns what other processes were told. */
  refresh(): Promise<void>;
}

export interface WishesOptions {
  store: Pick<Store, 'read' | 'write'>;
  now: () => number;
  /** Called when something may begin that was held back. */
  onChange: () => void;
}

export function createWishes({ store, now, onChange }: WishesOptions): Wishes {
  let known: StoredWishes = { server: 'on', engines: new Map() };
  // What is read while a change is under way, or was made, may be older than that change.
  let [changes, underWay] = [0, 0];

  async function refresh(): Promise<void> {
    const before = changes;
    const stored = await store.read.wishes();
    if (underWay > 0 || before !== changes) return;
    const isOther = !isSame(stored, known);
    known = stored;
    if (isOther) onChange();
  }

  /** Counts at once, so that no claim begins any more behind the write. */
  async function change(next: StoredWishes, write: () => Promise<void>): Promise<void> {
    changes++;
    underWay++;
    known = next;
    const failure = await write().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    underWay--;
    // Also at the end: a look that began meanwhile may come back only now, with what was before.
    changes++;
    if (failure) await refresh().catch(() => undefined);
    if (failure) throw failure.error;
    onChange();
  }

  return {
    server: () => known.server,
    of: (engine) => known.engines.get(engine) ?? 'on',
    setServer: (wish) =>
      change({ ...known, server: wish }, () => store.write((tx) => tx.setServerWish(wish))),
    setEngine: (name, wish) =>
      change({ ...known, engines: new Map(known.engines).set(name, wish) }, () =>
        store.write((tx) => tx.setEngineWish(name, wish, now())),
      ),
    refresh,
  };
}

function isSame(a: StoredWishes, b: StoredWishes): boolean {
  const names = [...a.engines.keys(), ...b.engines.keys()];
  return (
    a.server === b.server &&
    names.every((name) => (a.engines.get(name) ?? 'on') === (b.engines.get(name) ?? 'on'))
  );
}
