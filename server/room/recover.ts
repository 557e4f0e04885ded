import type { Engine } from '../../builder/steps/engine/engine.ts';
import { findAttempts, sweep } from '../../builder/steps/engine/sweep.ts';
import type { Attempt } from '../words/run.ts';
import { lost } from '../words/transitions.ts';
import { uuid7 } from '../words/uuid7.ts';
import type { Room } from './room.ts';

/**
 * What a start owes to the end before it: attempts that say running are nobody's any more (the store is held by one
 * process), so their runs go again or end. What they left on engines is removed when these answer.
 */
export async function recover(room: Room): Promise<void> {
  const orphans = await room.store.read.runningAttempts();
  for (const attempt of orphans) await loseAttempt(room, attempt);
  if (orphans.length > 0)
    room.report.warn({ attempts: orphans.length }, 'attempts of a dead server were closed as lost');
}

/** Closes attempts whose lease ran out a whole lease ago, e.g. because their end could not be stored. */
export async function reap(room: Room): Promise<void> {
  const limit = room.now() - room.policy().leaseMs;
  for (const attempt of await room.store.read.runningAttempts()) {
    if (attempt.leaseExpiresAt === null || attempt.leaseExpiresAt > limit) continue;
    await loseAttempt(room, attempt);
    room.report.warn({ attempt: attempt.id }, 'an attempt without a lease was closed as lost');
  }
}

async function loseAttempt(room: Room, attempt: Attempt): Promise<void> {
  const now = room.now();
  const lastLine = (await room.logs.lineCount(attempt.runId)) ?? null;
  const run = await room.store.write(async (tx) => {
    const [before, current] = [await tx.run(attempt.runId), await tx.attempt(attempt.id)];
    // It may have ended since it was listed.
    if (!before || current?.state !== 'running') return undefined;
    await tx.apply(before, current, lost(before, current, lastLine, now), uuid7(now));
    if (attempt.engine !== null)
      await tx.addLeftover({ engine: attempt.engine, attemptId: attempt.id, createdAt: now });
    const after = await tx.run(before.id);
    if (after?.completedAt != null) await tx.deleteSecrets(before.id);
    return after;
  });
  if (run) room.events.runChanged(run);
}

/** Removes what attempts left on an engine that could not be asked when they ended. */
export async function sweepLeftovers(room: Room, engine: Engine): Promise<void> {
  for (const { attemptId } of await room.store.read.leftovers(engine.name)) {
    await sweep(engine, { store: room.store.id, attempt: attemptId }, { images: true });
    await room.store.write((tx) => tx.removeLeftover(engine.name, attemptId));
  }
}

/** Removes containers on an engine that carry our store's mark and belong to no running attempt. */
export async function sweepOrphans(room: Room, engine: Engine): Promise<void> {
  for (const attempt of await findAttempts(engine, room.store.id)) {
    const stored = await room.store.read.attempt(attempt);
    if (stored?.state !== 'running')
      await sweep(engine, { store: room.store.id, attempt }, { images: false });
  }
}
