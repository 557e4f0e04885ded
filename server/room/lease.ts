import { BuildFault } from '../../builder/model/faults.ts';
import type { Room } from './room.ts';
import type { Held } from './worker.ts';

/**
 * Renews the lease of an attempt until stopped. Where the lease is taken away, or could not be renewed for nearly
 * its whole length, the work is aborted as lost: somebody else may hold the attempt by then.
 */
export function keepLease(room: Room, { attempt, leaseId }: Held, abort: AbortController): () => void {
  const { leaseMs } = room.policy();
  const marginMs = Math.min(10_000, leaseMs / 4);
  // By a clock that never jumps: only our own waiting counts.
  let heldUntil = performance.now() + leaseMs;

  async function renew(): Promise<void> {
    const askedAt = performance.now();
    const expiresAt = room.now() + leaseMs;
    try {
      const kept = await room.store.write((tx) => tx.renewLease(attempt.id, leaseId, expiresAt));
      if (kept) heldUntil = askedAt + leaseMs;
      else abort.abort(takenAway());
    } catch (error) {
      room.report.warn({ error, attempt: attempt.id }, 'the lease could not be renewed');
      if (performance.now() > heldUntil - marginMs)
        abort.abort(new BuildFault('lost', 'the lease could not be renewed in time'));
    }
  }

  const timer = setInterval(() => void renew(), leaseMs / 6);
  return () => clearInterval(timer);
}

/** Renews the lease for what cannot be taken back. Throws a BuildFault `lost` where somebody else holds the attempt. */
export async function confirmLease(room: Room, { attempt, leaseId }: Held): Promise<void> {
  const expiresAt = room.now() + room.policy().leaseMs;
  if (!(await room.store.write((tx) => tx.renewLease(attempt.id, leaseId, expiresAt)))) throw takenAway();
}

/** Lets whoever looks next have the attempt at once, in place of when the lease is over. */
export async function giveUpLease({ store, now, report }: Room, { attempt, leaseId }: Held): Promise<void> {
  try {
    await store.write((tx) => tx.renewLease(attempt.id, leaseId, now()));
  } catch (error) {
    report.warn({ error, attempt: attempt.id }, 'a lease could not be given up: it ends by itself');
  }
}

function takenAway(): BuildFault {
  return new BuildFault('lost', 'another worker holds the attempt');
}
