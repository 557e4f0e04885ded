import { least } from '../../../room/least.ts';
import type { Room } from '../../../room/room.ts';
import type { Execution } from '../../../store/contract/executions.ts';
import type { Work } from './command.ts';

const mebibyte = 1024 * 1024;

/**
 * What an attempt may use, as the job and the settings of today say it: 0 is without a limit, null is not scheduled
 * yet. Nothing is reserved on a disk.
 */
export async function scheduledJson(
  room: Room,
  execution: Execution,
  work: Work | undefined,
): Promise<object> {
  const { cpus, memoryBytes } = await limitsOf(room, execution, work);
  const isScheduled = execution.attempt.startedAt !== null;
  const number = (value: number): number | null => (isScheduled ? value : null);
  return {
    cpus_scheduled: number(cpus),
    mem_scheduled: number(memoryBytes / mebibyte),
    disk_in_scheduled: number(0),
    disk_out_scheduled: number(0),
    disk_total_scheduled: number(0),
  };
}

async function limitsOf(
  { fleet, policy }: Room,
  { engine }: Execution,
  work: Work = {},
): Promise<{ cpus: number; memoryBytes: number }> {
  const { buildCpus, buildMemoryBytes } = policy();
  const { terms = {} } = (engine && (await fleet.engine(engine.name))) ?? {};
  const ofBuilds = work.image ? { cpus: buildCpus, memoryBytes: buildMemoryBytes } : undefined;
  const all = [work.image ?? work.container, terms, ofBuilds];
  return {
    cpus: least(...all.map((one) => one?.cpus)) ?? 0,
    memoryBytes: least(...all.map((one) => one?.memoryBytes)) ?? 0,
  };
}

/** Where the attempt was done. */
export function environmentJson({ engine }: Execution): object {
  if (!engine) return {};
  return {
    version: '1.0',
    shared_resources: [{ name: 'docker-engine', type: 'docker', host: engine.name }],
  };
}
