import { Problem } from '../words/problems.ts';
import type { Run } from '../words/run.ts';
import { endOf } from './endOf.ts';
import type { Room } from './room.ts';

/** Resolves with the run when it has ended. Rejects with a Problem when the server goes away before: the run goes on. */
export async function ended(room: Room, run: Run): Promise<Run> {
  const end = await endOf(room, run.id, room.closing.signal).catch(() => {
    const sentence = `the server is shutting down; job ${run.id} goes on by itself afterwards`;
    throw new Problem('unavailable', sentence);
  });
  return end ?? run;
}
