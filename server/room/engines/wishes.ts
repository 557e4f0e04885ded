import type { Wishes as StoredWishes } from '../../store/contract/engines.ts';
import type { Store } from '../../store/store.ts';
import type { Wish } from '../../words/wish.ts';

/** What people want of the engines, of the members and of the whole server; it outlives a restart. */
export interface Wishes {
  server(): Wish;
  /** Of an engine. */
  of(engine: string): Wish;
  ofMember(name: string): Wish;
  /** Nothing begins against it once this resolves: what was claimed before is in the store by then. */
  setServer(wish: Wish): Promise<void>;
  /** The same for an engine, here; another process hears of it. `on` also forgets its failures. */
  setEngine(name: string, wish: Wish): Promise<void>;
  setMember(name: string, wish: Wish): Promise<void>;
  /** Learns what other processes were told. */
  refresh(): Promise<void>;
}

export interface WishesOptions {
  store: Pick<Store, 'read' | 'write'>;
  now: () => number;
  /** Called when something may begin that was held back, or is to be held back. */
  onChange: () => void;
  /** Called when a wish was stored: other processes have to hear of it. */
  onSet?: () => void;
  /** Called when the failures of an engine are to be forgotten. */
  onPardon?: (engine: string) => void;
}

const nothing: StoredWishes = { server: 'on', engines: new Map(), members: new Map(), pardons: new Map() };

export function createWishes({ store, now, onChange, onSet, onPardon }: WishesOptions): Wishes {
  let known = nothing;
  // What is read while a change is under way, or was made, may be older than that change.
  let [changes, underWay] = [0, 0];

  async function refresh(): Promise<void> {
    const before = changes;
    const stored = await store.read.wishes();
    if (underWay > 0 || before !== changes) return;
    const isOther = !isSame(stored, known);
    const pardoned = [...stored.pardons].filter(([name, at]) => known.pardons.get(name) !== at);
    known = stored;
    for (const [name] of pardoned) onPardon?.(name);
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
    onSet?.();
    onChange();
  }

  return {
    server: () => known.server,
    of: (engine) => known.engines.get(engine) ?? 'on',
    ofMember: (name) => known.members.get(name) ?? 'on',
    setServer: (wish) =>
      change({ ...known, server: wish }, () => store.write((tx) => tx.setServerWish(wish))),
    async setEngine(name, wish) {
      const at = now();
      const pardons = wish === 'on' ? new Map(known.pardons).set(name, at) : known.pardons;
      if (wish === 'on') onPardon?.(name);
      await change({ ...known, engines: new Map(known.engines).set(name, wish), pardons }, () =>
        store.write((tx) => tx.setEngineWish(name, wish, at)),
      );
    },
    setMember: (name, wish) =>
      change({ ...known, members: new Map(known.members).set(name, wish) }, () =>
        store.write((tx) => tx.setMemberWish(name, wish, now())),
      ),
    refresh,
  };
}

function isSame(a: StoredWishes, b: StoredWishes): boolean {
  return a.server === b.server && isSameMap(a.engines, b.engines) && isSameMap(a.members, b.members);
}

function isSameMap(a: ReadonlyMap<string, Wish>, b: ReadonlyMap<string, Wish>): boolean {
  const names = [...a.keys(), ...b.keys()];
  return names.every((name) => (a.get(name) ?? 'on') === (b.get(name) ?? 'on'));
}
