import { createRedactor } from '../../../../builder/model/redact.ts';
import { sourceUrlOf } from '../../../room/imageSpec.ts';
import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import { type CommandRules, commandOf, type Work } from './command.ts';

/** Says how executions are done. What a version of a job says never changes, so it is read once. */
export interface Commands {
  workOf(execution: Execution): Promise<Work | undefined>;
  /** In the order of `executions`. */
  of(executions: readonly Execution[]): Promise<string[]>;
}

const mostKept = 500;

export function createCommands(room: Room): Commands {
  const kept = new Map<string, Work>();

  async function workOf({ job, run }: Execution): Promise<Work | undefined> {
    const name = `${run.jobId}/${job.version}`;
    const known = kept.get(name);
    if (known) return known;
    const version = await room.store.read.jobVersionNumber(run.jobId, job.version);
    if (!version) return undefined;
    const { image, container, http } = version.definition;
    const work: Work = { ...(image && { image }), ...(container && { container }), ...(http && { http }) };
    const [oldest] = kept.keys();
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
    kept.set(name, work);
    return work;
  }

  async function of(executions: readonly Execution[]): Promise<string[]> {
    const rules = rulesOf(room);
    const commands: string[] = [];
    for (const execution of executions)
      commands.push(commandOf(await workOf(execution), execution.run, rules));
    return commands;
  }

  return { workOf, of };
}

function rulesOf(room: Room): CommandRules {
  const policy = room.policy();
  return {
    redact: createRedactor(policy.secrets()),
    sourceUrl(image) {
      try {
        return sourceUrlOf(image, policy);
      } catch {
        return undefined;
      }
    },
  };
}
