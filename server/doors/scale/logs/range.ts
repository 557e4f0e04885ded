import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import type { Attempt } from '../../../words/run.ts';

/** Neighbouring lines of a run's log; `to` < `from` where there are none. */
export interface LineRange {
  from: number;
  to: number;
}

const nothing: LineRange = { from: 1, to: 0 };

/** The lines that an attempt has written so far; none where the log was put away. */
export async function rangeOf({ store, logs }: Room, { attempt, run }: Execution): Promise<LineRange> {
  if (attempt.startedAt === null || run.archivedAt !== null) return nothing;
  const { firstLine, lastLine } = attempt;
  if (firstLine !== null && lastLine !== null) return { from: firstLine, to: lastLine };
  // What runs says of an endpoint where its lines begin only at its end; what was lost never said where they end.
  if (firstLine === null && attempt.state !== 'running') return nothing;
  const attempts = await store.read.attempts(run.id);
  const newest = (await logs.lineCount(run.id)) ?? 0;
  return {
    from: firstLine ?? lineBehind(attempts, attempt),
    to: lineBefore(attempts, attempt) ?? newest,
  };
}

function lineBehind(attempts: readonly Attempt[], { number }: Attempt): number {
  const ends = attempts.filter((one) => one.number < number).map(({ lastLine }) => lastLine ?? 0);
  return Math.max(0, ...ends) + 1;
}

function lineBefore(attempts: readonly Attempt[], { number }: Attempt): number | undefined {
  const next = attempts.find((one) => one.number > number && one.firstLine !== null)?.firstLine ?? null;
  return next === null ? undefined : next - 1;
}
