import type { Leases } from '../contract/leases.ts';
import { type Loose, postgresStatement } from '../loose.ts';

// One that was given up ended at 0, and stays so: a renewal that was asked for before may come after it.
const renew = postgresStatement(`UPDATE attempts SET lease_expires_at = $3::bigint
  WHERE id = $1 AND lease_id = $2 AND state = 'running' AND lease_expires_at > 0`);

export function createLeases(loose: Loose): Leases {
  return {
    renewLease: async (...renewal) => (await loose.run(renew, renewal)) === 1,
  };
}
