import type { Room } from '../room.ts';

/**
 * How long any lease may last, in milliseconds: its holder may have other settings than this process. Members that were lost
 * within the last hour count, too.
 */
export async function longestLeaseMs({ store, fleet, policy }: Room): Promise<number> {
  const others = store.shared ? await fleet.members() : [];
  return Math.max(policy().leaseMs, ...others.map(({ leaseMs }) => leaseMs));
}
