import { makeDataFolder } from '../dataFolder.ts';
import { checked } from '../doors/v1/body.ts';
import { apiKeyJson } from '../doors/v1/keys/present.ts';
import { keyWishOf } from '../doors/v1/keys/wish.ts';
import { createKeyBody } from '../doors/v1/schemas/keys.ts';
import { openStore, type StorePlace } from '../openStore.ts';
import { createKeyring } from '../room/keys/keyring.ts';
import { createKey, type KeyRoom, listKeys, revokeKey } from '../room/keys/keys.ts';
import type { Report } from '../room/room.ts';
import { StartError } from '../startError.ts';
import type { Store } from '../store/store.ts';
import type { Identity } from '../words/scopes.ts';
import type { KeyOffice, KeyView, MadeKeyView } from './keyOffice.ts';

const admin: Identity = { kind: 'admin' };
const mostInList = 10_000;
/** What happened is said on the terminal. */
const silent: Report = { info() {}, warn() {}, error() {} };

/**
 * Works on the store itself: on PostgreSQL at any time, in a data folder while no server does. Whoever can write there
 * is its administrator. Throws a StartError where it cannot be used.
 */
export async function openStoreOffice(dataFolder: string, database: string | undefined): Promise<KeyOffice> {
  const store = await openUnused({ data: makeDataFolder(dataFolder), database });
  const now = store.shared?.now ?? Date.now;
  const room: KeyRoom = { store, now, keyring: createKeyring({ store, now }), report: silent };
  return {
    async create(request) {
      const { key, text } = await createKey(
        room,
        admin,
        keyWishOf(checked(createKeyBody, request), admin, now()),
      );
      return { ...apiKeyJson(key), key: text } as unknown as MadeKeyView;
    },
    async list(project) {
      const page = { limit: mostInList, ...(project !== undefined && { project }) };
      return (await listKeys(room, admin, page)).map((key) => apiKeyJson(key) as unknown as KeyView);
    },
    revoke: (id) => revokeKey(room, admin, id),
    close: () => store.close(),
  };
}

async function openUnused(place: StorePlace): Promise<Store> {
  try {
    return await openStore(place);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(
      `${error.message}. A server that runs makes keys itself: set DOCKER_BUILDER_HOST and DOCKER_BUILDER_TOKEN to ask it, or POST to its /v1/api-keys`,
      { cause: error },
    );
  }
}
