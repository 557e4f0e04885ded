import type { Policy } from '../../../room/room.ts';
import type { Job, JobDefinition } from '../../../words/job.ts';
import { attemptTimeoutMs } from '../../../words/timing.ts';
import { timeOf } from './times.ts';

const mebibyte = 1024 * 1024;
/** Of a run that nobody gave a priority. */
const usualPriority = 100;

/** What the list of job types shows of one besides what others nest. What is not set is null. */
export function jobTypeOwn(job: Job, policy: Pick<Policy, 'maxAttempts' | 'timeoutSecs'>): object {
  const { kind, definition, version, createdAt, updatedAt } = job;
  const { cpus = null, memoryBytes } = definition.image ?? definition.container ?? {};
  const updated = timeOf(updatedAt);
  return {
    uses_docker: kind !== 'http',
    docker_privileged: false,
    docker_image: imageOf(job),
    revision_num: version,
    priority: usualPriority,
    max_scheduled: definition.maxConcurrency || null,
    timeout: attemptTimeoutMs(kind, definition, policy.timeoutSecs) / 1000,
    max_tries: definition.maxAttempts || policy.maxAttempts,
    cpus_required: cpus,
    mem_required: memoryBytes === undefined ? null : memoryBytes / mebibyte,
    shared_mem_required: null,
    disk_out_const_required: null,
    disk_out_mult_required: null,
    created: timeOf(createdAt),
    archived: null,
    // When it was paused nobody noted; it changed then or later.
    paused: job.paused ? updated : null,
    last_modified: updated,
  };
}

/** What a job takes and gives, as far as it says. */
export function interfaceOf({ kind, definition }: Job): object {
  const output = kind === 'image' ? { name: 'image', type: 'file' } : { name: 'output', type: 'property' };
  return {
    version: '1.0',
    command: '',
    command_arguments: '',
    input_data: inputsOf(definition),
    output_data: [{ ...output, required: false }],
  };
}

/** An image job takes a ref, which must be given where it has none of its own; others what their schema names. */
function inputsOf({ image, payloadSchema = {} }: JobDefinition): object[] {
  const { properties, required } = payloadSchema;
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const needed: unknown[] = Array.isArray(required) ? required : [];
  const named = known.map((name) => ({ name, type: 'property', required: needed.includes(name) }));
  if (!image || known.includes('ref')) return named;
  return [{ name: 'ref', type: 'property', required: image.ref === undefined }, ...named];
}

/** The image that a container runs, or that a build makes. */
function imageOf({ project, definition: { image, container } }: Job): string | null {
  if (container)
    return typeof container.image === 'string' ? container.image : `${project}/${container.image.job}`;
  return image?.repository ?? null;
}
