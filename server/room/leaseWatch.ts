import type { RunningLease } from '../store/contract/runs.ts';
import type { Store } from '../store/store.ts';

export interface WatchedLease extends RunningLease {
  /** Milliseconds for which it was seen not to change, by a clock that never jumps. */
  unchangedMs: number;
}

export interface LeaseWatch {
  /** The leases of all attempts that run. Where it fails, the next one begins to wait anew: nobody could renew any. */
  look(): Promise<WatchedLease[]>;
}

/**
 * Tells which leases are not renewed any more. Only our own waiting counts: when a lease ends is said by a clock that may be
 * wrong, and be put right.
 */
export function createLeaseWatch(store: Store, monotonicMs = () => performance.now()): LeaseWatch {
  let seen = new Map<string, { lease: RunningLease; since: number }>();
  let looking: Promise<WatchedLease[]> | undefined;

  async function look(): Promise<WatchedLease[]> {
    const before = seen;
    seen = new Map();
    const askedAt = monotonicMs();
    const leases = await store.read.runningLeases();
    const now = monotonicMs();
    return leases.map((lease) => {
      const last = before.get(lease.id);
      const since = last && isSame(last.lease, lease) ? last.since : now;
      seen.set(lease.id, { lease, since });
      return Object.assign(lease, { unchangedMs: Math.max(0, askedAt - since) });
    });
  }

  return {
    look: () => (looking ??= look().finally(() => (looking = undefined))),
  };
}

function isSame(one: RunningLease, other: RunningLease): boolean {
  return one.leaseId === other.leaseId && one.leaseExpiresAt === other.leaseExpiresAt;
}

/** How often to look, in milliseconds. Where workers may be gone, whose attempts others go on with, that is noticed soon. */
export function lookEveryMs({ shared }: Store, leaseMs: number): number {
  return shared ? Math.min(1000, leaseMs / 4) : leaseMs / 2;
}
