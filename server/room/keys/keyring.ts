import type { ApiKey } from '../../store/contract/keys.ts';
import type { Store } from '../../store/store.ts';
import { Problem } from '../../words/problems.ts';
import type { Identity } from '../../words/scopes.ts';
import { newHolders } from './holders.ts';
import { hashOfKey, isKeyText } from './keyText.ts';

/** Who holds which key. What it learnt from the store it believes for a few seconds. */
export interface Keyring {
  /** Whose key it is; undefined where there is no such key. Throws a Problem (401) where it counts no more. */
  identify(text: string): Promise<Identity | undefined>;
  /** The same for somebody who has shown the key before. */
  identifyById(id: string): Promise<Identity | undefined>;
  /** Whether a key was ever made: from then on a request without credential is nobody's. */
  hasKeys(): Promise<boolean>;
  /** Calls `end` soon after the key of an identity is revoked or expires; gives back what calls that off. */
  hold(identity: Identity, end: () => void): () => void;
  /** Forgets what it learnt: to be called after every change of a key. */
  forget(): void;
  /** Writes down when keys were last used. */
  saveUses(): Promise<void>;
}

/** A change that another process made is known after as many milliseconds at most. */
const believedMs = 2000;
const mostBelieved = 10_000;

interface Belief {
  key: ApiKey;
  since: number;
}

export interface KeyringOptions {
  store: Store;
  now(): number;
  /** How often the keys that something is open for are looked at, in milliseconds: 5000. */
  lookMs?: number;
}

export function createKeyring({ store, now, lookMs = 5000 }: KeyringOptions): Keyring {
  const beliefs = new Map<string, Belief>();
  const uses = new Map<string, number>();
  let keysExist = false;
  let askedAt = -Infinity;
  // An answer that was asked for before a change must not be believed after it.
  let changes = 0;
  const holders = newHolders(counts, lookMs);

  async function find(name: string, ask: () => Promise<ApiKey | undefined>): Promise<ApiKey | undefined> {
    const believed = beliefs.get(name);
    if (believed && isFresh(believed.since, now())) return believed.key;
    beliefs.delete(name);
    const before = changes;
    const key = await ask();
    if (key && before === changes) believe(name, key);
    return key;
  }

  function believe(name: string, key: ApiKey): void {
    const oldest = beliefs.keys().next();
    if (beliefs.size >= mostBelieved && !oldest.done) beliefs.delete(oldest.value);
    beliefs.set(name, { key, since: now() });
  }

  function admit(key: ApiKey | undefined): Identity | undefined {
    if (!key) return undefined;
    refuseDead(key, now());
    uses.set(key.id, now());
    return { kind: 'key', keyId: key.id, project: key.project, scopes: key.scopes };
  }

  async function counts(id: string): Promise<boolean> {
    const key = await find(id, () => store.read.apiKey(id));
    return key !== undefined && causeOfDeath(key, now()) === undefined;
  }

  return {
    async identify(text) {
      if (!isKeyText(text)) return undefined;
      const hash = hashOfKey(text);
      return admit(await find(hash, () => store.read.apiKeyByHash(hash)));
    },
    identifyById: async (id) => admit(await find(id, () => store.read.apiKey(id))),
    async hasKeys() {
      if (keysExist || isFresh(askedAt, now())) return keysExist;
      const before = changes;
      const [any] = await store.read.apiKeys(undefined, { limit: 1 });
      if (any) keysExist = true;
      else if (before === changes) askedAt = now();
      return keysExist;
    },
    forget() {
      changes++;
      askedAt = -Infinity;
      beliefs.clear();
      holders.look();
    },
    hold: (identity, end) => holders.add(identity, end),
    async saveUses() {
      if (uses.size === 0) return;
      const saved = new Map(uses);
      uses.clear();
      await store.write((tx) => tx.touchApiKeys(saved));
    },
  };
}

/** Throws a Problem where a key counts no more. */
export function refuseDead(key: ApiKey, now: number): void {
  const cause = causeOfDeath(key, now);
  if (cause !== undefined) throw new Problem('unauthorized', cause);
}

/** Why a key counts no more, as a sentence. */
function causeOfDeath({ revokedAt, expiresAt, rotatedTo }: ApiKey, now: number): string | undefined {
  if (revokedAt !== null) return 'api key has been revoked';
  if (expiresAt === null || expiresAt > now) return undefined;
  return rotatedTo === null ? 'api key has expired' : 'api key rotation grace period has ended';
}

/** A clock that was set back makes nothing fresh. */
function isFresh(since: number, now: number): boolean {
  return now >= since && now < since + believedMs;
}
