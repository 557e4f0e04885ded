import type { Environment } from '../config/environment.ts';
import { refuseUnguarded } from '../config/guard.ts';
import type { Keyring } from '../room/keys/keyring.ts';
import { StartError } from '../startError.ts';
import type { Store } from '../store/store.ts';
import { serves } from '../words/member.ts';
import type { Sealer } from '../words/seal.ts';

/** A start that must not be, for what stands in the store. Throws a ConfigError or a StartError. */
export async function refuseStore(
  environment: Environment,
  { store, keyring, sealer }: { store: Store; keyring: Keyring; sealer: Sealer },
): Promise<void> {
  // A worker tells those that others reach it nothing but how it is.
  if (serves(environment.role)) refuseUnguarded(environment, await keyring.hasKeys());
  await refuseOtherKey(store, sealer);
}

/** What one process sealed another must be able to open. */
async function refuseOtherKey(store: Store, sealer: Sealer): Promise<void> {
  const mark = sealer.deriveKey('mark of a store').toString('base64url');
  if ((await store.write((tx) => tx.ensureSealMark(mark))) === mark) return;
  throw new StartError(
    store.shared
      ? 'the secrets in the database are sealed with another key: give all servers and workers the same DOCKER_BUILDER_SECRETKEY, that of the first; without one each makes its own in its data folder (secret.key)'
      : 'the secrets in the store are sealed with another key: bring back secret.key in the data folder, or set DOCKER_BUILDER_SECRETKEY to what it was',
  );
}
