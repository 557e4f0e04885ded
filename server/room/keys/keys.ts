import type { ApiKey, ApiKeyPage } from '../../store/contract/keys.ts';
import type { Tx } from '../../store/store.ts';
import { Problem } from '../../words/problems.ts';
import { authorOf, covers, type Identity } from '../../words/scopes.ts';
import { uuid7 } from '../../words/uuid7.ts';
import type { Room } from '../room.ts';
import { refuseDead } from './keyring.ts';
import { hashOfKey, hintOfKey, newKeyText } from './keyText.ts';

/** What keys are made and changed with; the command line has no more than this. */
export type KeyRoom = Pick<Room, 'store' | 'keyring' | 'now' | 'report'>;

export interface KeyWish {
  /** Null: all projects. */
  project: string | null;
  name: string;
  scopes: string[];
  /** Milliseconds since 1970. Absent: as long as the key that makes it, for ever where that does. */
  expiresAt?: number;
}

export interface MadeKey {
  key: ApiKey;
  /** Shown once: the store does not have it. */
  text: string;
}

/** Makes a key. Nobody makes one that could do more, elsewhere or for longer than they can themselves: 403. */
export async function createKey(room: KeyRoom, identity: Identity, wish: KeyWish): Promise<MadeKey> {
  const now = room.now();
  if (wish.expiresAt !== undefined && wish.expiresAt <= now)
    throw new Problem('validation_error', 'expires_at must not be over', {
      field: 'expires_at',
      details: ['expires_at must not be over'],
    });
  const made = await room.store.write(async (tx) => {
    const maker = await makerOf(tx, identity, now);
    const expiresAt = wish.expiresAt ?? maker?.expiresAt ?? null;
    refuseMoreRights(identity, maker, { ...wish, expiresAt });
    return insertKey(tx, { ...wish, expiresAt, createdBy: authorOf(identity) }, now);
  });
  changed(room, identity, 'an api key was made', made.key);
  return made;
}

/** The keys that an identity may manage, newest first; with `project` only those of one. */
export async function listKeys(
  { store }: Pick<KeyRoom, 'store'>,
  identity: Identity,
  { project, ...page }: ApiKeyPage & { project?: string },
): Promise<ApiKey[]> {
  const own = identity.kind === 'key' ? (identity.project ?? undefined) : undefined;
  if (own !== undefined && project !== undefined && own !== project) return [];
  return store.read.apiKeys(own ?? project, page);
}

/** Throws a Problem (404) where there is none, or it is another project's. */
export async function findKey(reads: Pick<Tx, 'apiKey'>, identity: Identity, id: string): Promise<ApiKey> {
  const key = await reads.apiKey(id);
  if (!key || !manages(identity, key.project)) throw new Problem('not_found', 'api key not found');
  return key;
}

/** From now on the key opens nothing. Doing it twice is no mistake. */
export async function revokeKey(room: KeyRoom, identity: Identity, id: string): Promise<void> {
  const key = await room.store.write(async (tx) => {
    const found = await findKey(tx, identity, id);
    return (await tx.revokeApiKey(id, room.now())) ? found : undefined;
  });
  if (key) changed(room, identity, 'an api key was revoked', key);
}

/**
 * Makes a key with the same rights and the same end. The old one goes on for `graceSecs`, so that it can be replaced
 * where it is used. 409 where the old one counts no more, or was rotated before.
 */
export async function rotateKey(
  room: KeyRoom,
  identity: Identity,
  id: string,
  graceSecs: number,
): Promise<MadeKey> {
  const now = room.now();
  const made = await room.store.write(async (tx) => {
    const old = await findKey(tx, identity, id);
    refuseUnfit(old, now);
    refuseMoreRights(identity, await makerOf(tx, identity, now), old);
    const successor = await insertKey(tx, { ...old, createdBy: authorOf(identity) }, now);
    await tx.rotateApiKey(id, successor.key.id, now + graceSecs * 1000);
    return successor;
  });
  changed(room, identity, 'an api key was rotated', made.key);
  return made;
}

async function insertKey(
  tx: Tx,
  {
    project,
    name,
    scopes,
    expiresAt,
    createdBy,
  }: Omit<KeyWish, 'expiresAt'> & Pick<ApiKey, 'expiresAt' | 'createdBy'>,
  now: number,
): Promise<MadeKey> {
  const text = newKeyText();
  const key = await tx.insertApiKey({
    id: uuid7(now),
    project,
    name,
    hint: hintOfKey(text),
    hash: hashOfKey(text),
    scopes: [...new Set(scopes)],
    createdBy,
    createdAt: now,
    expiresAt,
  });
  return { key, text };
}

/** The key that asks, as it is in this very transaction: it may have been revoked a moment ago. */
async function makerOf(tx: Tx, identity: Identity, now: number): Promise<ApiKey | undefined> {
  if (identity.kind === 'admin') return undefined;
  const maker = identity.kind === 'key' ? await tx.apiKey(identity.keyId) : undefined;
  if (!maker) throw new Problem('unauthorized', 'invalid api key');
  refuseDead(maker, now);
  return maker;
}

function refuseMoreRights(
  identity: Identity,
  maker: ApiKey | undefined,
  { project, scopes, expiresAt }: Pick<ApiKey, 'project' | 'scopes' | 'expiresAt'>,
): void {
  if (!manages(identity, project))
    throw new Problem('forbidden', 'this key makes keys of its own project only', { field: 'project_id' });
  if (!covers(identity, scopes))
    throw new Problem('forbidden', 'this key makes no key that may do more than itself', { field: 'scopes' });
  const ends = maker?.expiresAt ?? null;
  if (ends !== null && (expiresAt === null || expiresAt > ends))
    throw new Problem('forbidden', 'this key makes no key that lasts longer than itself', {
      field: 'expires_at',
    });
}

function refuseUnfit(key: ApiKey, now: number): void {
  if (key.rotatedTo !== null) throw new Problem('conflict', `api key ${key.id} was rotated before`);
  if (key.revokedAt !== null) throw new Problem('conflict', `api key ${key.id} has been revoked`);
  if (key.expiresAt !== null && key.expiresAt <= now)
    throw new Problem('conflict', `api key ${key.id} has expired`);
}

/** A key of all projects is managed by those only who have them all. */
function manages(identity: Identity, project: string | null): boolean {
  return identity.kind === 'admin' || identity.project === null || identity.project === project;
}

function changed(room: KeyRoom, identity: Identity, sentence: string, { id, name, project }: ApiKey): void {
  room.keyring.forget();
  room.report.info({ key: id, name, project: project ?? '*', by: authorOf(identity) ?? 'admin' }, sentence);
}
