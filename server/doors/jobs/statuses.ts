import type { Phase } from '../../../builder/model/spec.ts';
import type { RunFilter } from '../../store/contract/runs.ts';
import { type Run, type RunState } from '../../words/run.ts';

/** What this door calls the state of a run. */
export const statuses = [
  'created',
  'cloning',
  'building',
  'pushing',
  'completed',
  'errored',
  'canceled',
  'archived',
] as const;
export type Status = (typeof statuses)[number];

const byPhase: Record<Phase, Status> = { clone: 'cloning', build: 'building', push: 'pushing' };

const byState: Record<Exclude<RunState, 'running'>, Status> = {
  waiting: 'created',
  delayed: 'created',
  queued: 'created',
  completed: 'completed',
  dead_letter: 'errored',
  failed: 'errored',
  timed_out: 'errored',
  crashed: 'errored',
  system_failed: 'errored',
  expired: 'errored',
  canceled: 'canceled',
};

export function statusOf(run: Pick<Run, 'state' | 'phase' | 'kind' | 'archivedAt'>): Status {
  if (run.archivedAt !== null) return 'archived';
  if (run.state !== 'running') return byState[run.state];
  return run.kind === 'image' ? byPhase[run.phase ?? 'clone'] : 'building';
}

/** The stored states that a status stands for. */
export function filterOfStatus(status: Status): RunFilter {
  if (status === 'archived') return { archived: true };
  for (const phase of ['clone', 'build', 'push'] as const)
    if (byPhase[phase] === status) return { states: ['running'], phases: [phase], archived: false };
  const states = (Object.keys(byState) as (keyof typeof byState)[]).filter(
    (state) => byState[state] === status,
  );
  return { states, archived: false };
}
