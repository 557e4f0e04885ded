import { BuildFault } from '../../builder/model/faults.ts';
import { untilAnswered } from './patientRoom.ts';
import type { Room } from './room.ts';
import type { Held } from './worker.ts';

/** The lease could not be renewed: others may have the attempt soon. */
export class LeaseRanOut extends BuildFault {
  /** Until when nobody else can have it, by `performance.now()`: it may be over, where this process stood still. */
  readonly endsAt: number;

  constructor(endsAt: number) {
    super('lost', 'the lease could not be renewed in time');
    this.endsAt = endsAt;
  }
}

/** What leases end with that were given up. */
const longAgo = 0;

/**
 * Renews the lease of an attempt until stopped. Where the lease is taken away, or could not be renewed for nearly its whole
 * length, the work is aborted as lost: somebody else may hold the attempt soon.
 */
export function keepLease(
  room: Room,
  { attempt, leaseId, askedAt }: Held,
  abort: AbortController,
): () => void {
  const { leaseMs } = room.policy();
  let heldUntil = safeUntil(askedAt, leaseMs);
  let underWay: { since: number } | undefined;
  // It waits for no answer: a connection may be dead without anybody having said so.
  let giveUp = setTimeout(end, left());

  function left(): number {
    return Math.max(0, heldUntil - performance.now());
  }

  function end(): void {
    abort.abort(new LeaseRanOut(heldUntil + stoppingMs(leaseMs)));
  }

  function extend(until: number): void {
    if (until <= heldUntil) return;
    heldUntil = until;
    clearTimeout(giveUp);
    giveUp = setTimeout(end, left());
  }

  async function renew(): Promise<void> {
    const since = performance.now();
    // One that is not answered in time may never be.
    if (underWay && since < underWay.since + leaseMs / 3) return;
    const own = { since };
    underWay = own;
    try {
      if (await renewed(room, attempt.id, leaseId)) extend(safeUntil(since, leaseMs));
      else abort.abort(takenAway());
    } catch (error) {
      room.report.warn({ error, attempt: attempt.id }, 'the lease could not be renewed');
    } finally {
      if (underWay === own) underWay = undefined;
    }
  }

  const timer = setInterval(() => void renew(), leaseMs / 6);
  return () => {
    clearInterval(timer);
    clearTimeout(giveUp);
  };
}

/**
 * Renews the lease for what cannot be taken back, and asks the store until it answers. Throws a BuildFault `lost` where
 * somebody else holds the attempt.
 */
export async function confirmLease(room: Room, { attempt, leaseId }: Held): Promise<void> {
  const { leaseMs } = room.policy();
  for (;;) {
    const askedAt = performance.now();
    if (!(await renewed(room, attempt.id, leaseId))) throw takenAway();
    // An answer may have waited for so long that it says nothing any more.
    if (performance.now() < safeUntil(askedAt, leaseMs)) return;
  }
}

/** Lets whoever looks next have the attempt at once, in place of when the lease is over. */
export async function giveUpLease({ store, report }: Room, held: Held): Promise<void> {
  const { attempt, leaseId, patience: signal } = held;
  const giveUp = () => store.write((tx) => tx.renewLease(attempt.id, leaseId, longAgo));
  try {
    await untilAnswered(giveUp, { signal, report, who: { attempt: attempt.id } });
  } catch (error) {
    report.warn({ error, attempt: attempt.id }, 'a lease could not be given up: it ends by itself');
  }
}

/** Whether it was given up, so that nobody need wait for its end. */
export function isGivenUp({ leaseExpiresAt }: { leaseExpiresAt: number }): boolean {
  return leaseExpiresAt === longAgo;
}

/** Of a lease, milliseconds at its end in which the work is stopped. */
export function stoppingMs(leaseMs: number): number {
  return Math.min(10_000, leaseMs / 4);
}

/**
 * Until when, by `performance.now()`, whoever asked for a lease then may work: others wait for one whole length from when
 * they first saw it, and the rest is for stopping.
 */
export function safeUntil(askedAt: number, leaseMs: number): number {
  return askedAt + leaseMs - stoppingMs(leaseMs);
}

function renewed({ store, now, policy }: Room, attemptId: string, leaseId: string): Promise<boolean> {
  const expiresAt = now() + policy().leaseMs;
  if (store.shared) return store.shared.renewLease(attemptId, leaseId, expiresAt);
  return store.write((tx) => tx.renewLease(attemptId, leaseId, expiresAt));
}

function takenAway(): BuildFault {
  return new BuildFault('lost', 'another worker holds the attempt');
}
