import type { Leases } from '../contract/leases.ts';
import { type Loose, postgresStatement } from '../loose.ts';

const renew = postgresStatement(`UPDATE attempts SET lease_expires_at = $3::bigint
  WHERE id = $1 AND lease_id = $2 AND state = 'running'`);

export function createLeases(loose: Loose): Leases {
  return {
    renewLease: async (...renewal) => (await loose.run(renew, renewal)) === 1,
  };
}
