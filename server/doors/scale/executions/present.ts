import type { Execution } from '../../../store/contract/executions.ts';
import { errorBrief } from '../present/error.ts';
import { jobBrief } from '../present/job.ts';
import { nodeBrief } from '../present/node.ts';
import { executionStatus } from '../present/statuses.ts';
import { timeOf } from '../present/times.ts';
import { phasesJson } from './phases.ts';

/** An attempt as lists show it; `command` is what it is done by. */
export function executionJson(execution: Execution, command: string): Record<string, unknown> {
  const { attempt, run, job, engine, attempts, modifiedAt } = execution;
  const status = executionStatus(attempt.state);
  const queued = timeOf(attempt.queuedAt);
  return {
    id: attempt.key,
    status,
    command_arguments: command,
    timeout: Math.ceil(run.timeoutMs / 1000),
    ...phasesJson(execution),
    // Its row is born where it is queued.
    created: queued,
    queued,
    started: timeOf(attempt.startedAt),
    ended: timeOf(attempt.finishedAt),
    last_modified: timeOf(modifiedAt),
    job: jobBrief(run, job, attempts),
    node: engine && nodeBrief(engine),
    error: status === 'FAILED' ? errorBrief(attempt.reason) : null,
  };
}
