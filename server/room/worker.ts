import { BuildFault } from '../../builder/model/faults.ts';
import type { Attempt, Run } from '../words/run.ts';
import { started } from '../words/transitions.ts';
import { uuid7 } from '../words/uuid7.ts';
import { workAttempt } from './attempt.ts';
import type { EngineSeat } from './engines.ts';
import type { Room } from './room.ts';

/** An attempt that this process holds the lease of. */
export interface Held {
  run: Run;
  attempt: Attempt;
  leaseId: string;
  seat: EngineSeat;
}

export interface Worker {
  wake(): void;
  interrupt(runId: string): boolean;
  /** Claims nothing more; builds have `graceMs` to finish, then they are given back to the queue. */
  stop(graceMs: number): Promise<void>;
  /** Ends the grace period of a stop. */
  hurry(): void;
}

/** Milliseconds between two looks at the queue when nobody woke the worker. */
const pollMs = 1000;

/** Claims queued attempts while an engine has a free place, and works on them. */
export function startWorker(room: Room): Worker {
  const working = new Map<string, { abort: AbortController; done: Promise<void> }>();
  let accepting = true;
  let pumping = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  async function pump(): Promise<void> {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        await claimWhileFree();
      } while (again);
    } catch (error) {
      room.report.error({ error }, 'claiming failed; it is tried again');
    } finally {
      pumping = false;
    }
    if (accepting) await sleepUntilDue();
  }

  async function claimWhileFree(): Promise<void> {
    for (let seat = room.engines.free(); accepting && seat; seat = room.engines.free()) {
      const held = await claim(room, seat);
      if (!held) return;
      begin(held);
    }
  }

  function begin(held: Held): void {
    const abort = new AbortController();
    held.seat.busy++;
    const done = workAttempt(room, held, abort)
      .catch((error: unknown) =>
        room.report.error({ error, run: held.run.id }, 'an attempt could not be finished'),
      )
      .finally(() => {
        held.seat.busy--;
        working.delete(held.run.id);
        void pump();
      });
    working.set(held.run.id, { abort, done });
  }

  async function sleepUntilDue(): Promise<void> {
    // With no free place a due attempt changes nothing, and the store need not be asked.
    const pause = room.engines.free() ? await untilDue(room) : pollMs;
    clearTimeout(timer);
    timer = setTimeout(() => void pump(), pause);
    timer.unref();
  }

  function abortAll(fault: BuildFault): void {
    for (const { abort } of working.values()) abort.abort(fault);
  }
  const release = () => abortAll(new BuildFault('released', 'the server is shutting down'));

  void pump();
  return {
    wake: () => void pump(),
    interrupt(runId) {
      const one = working.get(runId);
      one?.abort.abort(new BuildFault('canceled', 'canceled on request'));
      return one !== undefined;
    },
    async stop(graceMs) {
      accepting = false;
      clearTimeout(timer);
      const grace = setTimeout(release, graceMs);
      await Promise.all([...working.values()].map(({ done }) => done));
      clearTimeout(grace);
    },
    hurry: release,
  };
}

/** A retry that waits for its pause is due at a known time; everything else wakes the worker. */
async function untilDue({ store, now }: Room): Promise<number> {
  const next = await store.read.nextAvailableAt().catch(() => undefined);
  return next === undefined ? pollMs : Math.min(pollMs, Math.max(1, next - now()));
}

/** Takes the next attempt for a place on an engine: the claim and the run's start are one transaction. */
async function claim(room: Room, seat: EngineSeat): Promise<Held | undefined> {
  const now = room.now();
  const leaseId = uuid7(now);
  const lease = { engine: seat.engine.name, leaseId, leaseExpiresAt: now + room.policy().leaseMs };
  const held = await room.store.write(async (tx) => {
    const attempt = await tx.claimAttempt(lease, now);
    if (!attempt) return undefined;
    const run = await tx.run(attempt.runId);
    if (!run) throw new Error(`attempt ${attempt.id} has no run`);
    if (!(await tx.apply(run, undefined, started(run, now), '')))
      throw new Error(`run ${run.id} changed under its claim`);
    return { run: (await tx.run(run.id)) ?? run, attempt };
  });
  if (!held) return undefined;
  room.events.runChanged(held.run);
  return { ...held, leaseId, seat };
}
