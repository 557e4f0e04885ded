import type { Identity } from '../../words/scopes.ts';

/** What is open in the name of keys, e.g. event streams: it ends when its key does. */
export interface Holders {
  /** Calls `end` once the key of an identity counts no more; gives back what forgets it. */
  add(identity: Identity, end: () => void): () => void;
  /** Looks at all keys now: one may have changed. */
  look(): void;
}

interface Holder {
  keyId: string;
  end: () => void;
}

/**
 * `counts` says whether a key opens anything. It is asked for each key that something is open for, every `lookMs`: a key
 * expires by itself, and another process may revoke it.
 */
export function newHolders(counts: (keyId: string) => Promise<boolean>, lookMs: number): Holders {
  const holders = new Set<Holder>();
  let timer: NodeJS.Timeout | undefined;

  async function lookAt(keyId: string): Promise<void> {
    if (await counts(keyId)) return;
    for (const holder of holders) if (holder.keyId === keyId) holder.end();
  }

  function look(): void {
    // A store that does not answer now is asked again.
    for (const keyId of new Set([...holders].map((holder) => holder.keyId))) lookAt(keyId).catch(() => {});
  }

  return {
    look,
    add(identity, end) {
      if (identity.kind !== 'key') return () => {};
      const holder = { keyId: identity.keyId, end };
      holders.add(holder);
      timer ??= setInterval(look, lookMs).unref();
      return () => {
        holders.delete(holder);
        if (holders.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
