import type { Phase } from '../../../../builder/model/spec.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { timeOf } from '../present/times.ts';

const tasks = [
  ['pre', 'clone'],
  ['job', 'build'],
  ['post', 'push'],
] as const satisfies readonly (readonly [task: string, phase: Phase])[];
export type TaskName = (typeof tasks)[number][0];

export interface Task {
  startedAt: number | null;
  endedAt: number | null;
  exitCode: number | null;
}

const never: Task = { startedAt: null, endedAt: null, exitCode: null };

/** The phases of an attempt under the names of their tasks; null until a thing happened, and where it never did. */
export function phasesJson(execution: Execution): Record<string, unknown> {
  const fields = tasks.flatMap(([task, phase]) => {
    const { startedAt, endedAt, exitCode } = taskOf(execution, phase);
    return [
      [`${task}_started`, timeOf(startedAt)],
      [`${task}_completed`, timeOf(endedAt)],
      [`${task}_exit_code`, exitCode],
    ];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}

/** The tasks that were begun, in their order. */
export function begunTasksOf(execution: Execution): (Task & { name: TaskName; startedAt: number })[] {
  return tasks.flatMap(([name, phase]) => {
    const { startedAt, ...rest } = taskOf(execution, phase);
    return startedAt === null ? [] : [{ name, startedAt, ...rest }];
  });
}

function taskOf({ attempt, run }: Execution, phase: Phase): Task {
  if (run.kind === 'http') return phase === 'build' ? dispatchOf(attempt) : never;
  const record = attempt.phases.find((one) => one.phase === phase);
  if (!record) return phase === 'push' ? closingOf(attempt) : never;
  const { startedAt, endedAt = null, exitCode = null } = record;
  return { startedAt, endedAt, exitCode };
}

/** Where nothing was to be pushed, an attempt that went well still had its image tagged and looked at. */
function closingOf({ state, phases, finishedAt }: Execution['attempt']): Task {
  const builtAt = phases.find(({ phase }) => phase === 'build')?.endedAt;
  if (state !== 'succeeded' || builtAt === undefined) return never;
  return { startedAt: builtAt, endedAt: finishedAt, exitCode: 0 };
}

/** What calls an endpoint has one task and no process: 0 is what went well. What was broken off has no code. */
function dispatchOf({ state, startedAt, finishedAt, exitCode }: Execution['attempt']): Task {
  if (startedAt === null) return never;
  if (state === 'succeeded') return { startedAt, endedAt: finishedAt, exitCode: 0 };
  if (state === 'failed' || state === 'timed_out')
    return { startedAt, endedAt: finishedAt, exitCode: exitCode ?? 1 };
  return { ...never, startedAt };
}
