import type { Reads, Store } from './store.ts';

/** Hears how long the store took, in seconds. */
export interface StoreMeter {
  /** A work was asked for; what it gives is called at its end. */
  write(): () => void;
  read(seconds: number): void;
}

/** The store, with a meter at its doors. */
export function measured(store: Store, meter: StoreMeter): Store {
  return {
    ...store,
    read: timed(store.read, meter),
    async write(work, options) {
      const end = meter.write();
      try {
        return await store.write(work, options);
      } finally {
        end();
      }
    },
  };
}

type Ask = (...params: unknown[]) => Promise<unknown>;

function timed(read: Reads, meter: StoreMeter): Reads {
  const asks = new Map<string | symbol, Ask>();
  return new Proxy(read, {
    get(reads, name) {
      const known = asks.get(name);
      if (known) return known;
      const ask = Reflect.get(reads, name) as Ask | undefined;
      if (typeof ask !== 'function') return ask;
      const one: Ask = (...params) => {
        const begunAt = performance.now();
        const answer = ask(...params);
        const end = (): void => meter.read((performance.now() - begunAt) / 1000);
        answer.then(end, end);
        return answer;
      };
      asks.set(name, one);
      return one;
    },
  });
}
