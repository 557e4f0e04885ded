import type { Execution } from '../../../store/contract/executions.ts';
import { resultsJson } from '../executions/outcome.ts';
import { begunTasksOf, type Task, type TaskName } from '../executions/phases.ts';
import { errorBrief } from '../present/error.ts';
import { jobTypeBrief } from '../present/jobType.ts';
import { nodeBrief } from '../present/node.ts';
import { executionStatus } from '../present/statuses.ts';
import { timeOf } from '../present/times.ts';

const taskTypes: Record<TaskName, string> = { pre: 'pre', job: 'main', post: 'post' };

/** An attempt as version 6 lists it. */
export function executionJsonV6(execution: Execution): Record<string, unknown> {
  const { attempt, run, job, engine, modifiedAt } = execution;
  const status = executionStatus(attempt.state);
  const queued = timeOf(attempt.queuedAt);
  return {
    id: attempt.key,
    status,
    exe_num: attempt.number,
    cluster_id: attempt.id,
    created: queued,
    queued,
    started: timeOf(attempt.startedAt),
    ended: timeOf(attempt.finishedAt),
    last_modified: timeOf(modifiedAt),
    job: { id: run.key },
    node: engine && nodeBrief(engine),
    error: status === 'FAILED' ? errorBrief(attempt.reason) : null,
    job_type: jobTypeBrief(job),
    timeout: Math.ceil(run.timeoutMs / 1000),
    input_file_size: null,
  };
}

/** The same by itself; `output` is the JSON text that the run gave back. */
export function executionDetailV6(execution: Execution, output: string | null): Record<string, unknown> {
  return {
    ...executionJsonV6(execution),
    task_results: { version: '1.0', tasks: tasksOf(execution) },
    resources: { version: '1.0', resources: {} },
    configuration: { version: '2.0', tasks: [] },
    output: resultsJson(execution, output),
  };
}

function tasksOf(execution: Execution): object[] {
  const { id, state } = execution.attempt;
  return begunTasksOf(execution).map((task) => ({
    task_id: `${id}_${taskTypes[task.name]}`,
    type: taskTypes[task.name],
    was_launched: true,
    launched: timeOf(task.startedAt),
    was_started: true,
    started: timeOf(task.startedAt),
    ended: timeOf(task.endedAt),
    status: statusOf(task, state === 'running'),
    exit_code: task.exitCode,
  }));
}

/** What was broken off has no end of its own. */
function statusOf({ endedAt, exitCode }: Task, isRunning: boolean): string {
  if (endedAt === null) return isRunning ? 'RUNNING' : 'CANCELED';
  return exitCode === 0 ? 'COMPLETED' : 'FAILED';
}
