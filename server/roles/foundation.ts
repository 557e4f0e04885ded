import type { Configuration } from '../configuration.ts';
import { openServerStore } from '../openStore.ts';
import { createKeyring, type Keyring } from '../room/keys/keyring.ts';
import { StartError } from '../startError.ts';
import type { Store } from '../store/store.ts';
import { createSealer, loadSecretKey, type Sealer } from '../words/seal.ts';
import { enter, type Entered } from './enter.ts';
import { refuseStore } from './refusals.ts';

/** What every role stands on. */
export interface Foundation extends Entered {
  store: Store;
  now: () => number;
  sealer: Sealer;
  keyring: Keyring;
}

/** Opens the store, sees that this process may use it, and enters it. Throws a ConfigError or a StartError. */
export async function openFoundation({ environment }: Configuration, data: string): Promise<Foundation> {
  const sealer = createSealer(loadKey(data, environment.secretKey));
  const store = await openServerStore({ data, database: environment.database });
  const now = store.shared?.now ?? Date.now;
  const keyring = createKeyring({ store, now });
  try {
    await refuseStore(environment, { store, keyring, sealer });
    return { store, now, sealer, keyring, ...(await enter(store, environment, now)) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function loadKey(data: string, secretKey: string | undefined): Buffer {
  try {
    return loadSecretKey(data, secretKey);
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
