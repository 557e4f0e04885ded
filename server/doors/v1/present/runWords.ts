import { type RunState, runStates, type Trigger, triggers } from '../../../words/run.ts';
import { type RunReason, reasonKinds } from '../../../words/reasons.ts';

/** The states of a run in the words of this interface. */
export const runStatuses = [
  'delayed',
  'queued',
  'executing',
  'waiting',
  'completed',
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'canceled',
  'expired',
  'dead_letter',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Words of its document that no run is ever shown with. */
export const unusedStatuses = ['dequeued', 'paused', 'replay_staged'] as const;

export const triggerSources = ['manual', 'cron', 'job_completion', 'retry'] as const;
const unusedSources = ['spawn', 'workflow', 'debounce', 'batch', 'event'];

const sourceOf: Record<Trigger, (typeof triggerSources)[number]> = {
  api: 'manual',
  cli: 'manual',
  webhook: 'manual',
  cron: 'cron',
  dependency: 'job_completion',
  retry: 'retry',
};

export function statusOf(state: RunState): RunStatus {
  return state === 'running' ? 'executing' : state;
}

export function triggeredBy(trigger: Trigger): string {
  return sourceOf[trigger];
}

/** The states that a status stands for, none for those that nothing is in; undefined where the word is not known. */
export function statesOf(status: string): RunState[] | undefined {
  const known = [...runStatuses, ...unusedStatuses].some((word) => word === status);
  return known ? runStates.filter((state) => statusOf(state) === status) : undefined;
}

/** The same for what made a run. */
export function triggersOf(source: string): Trigger[] | undefined {
  const known = [...triggerSources, ...unusedSources].includes(source);
  return known ? triggers.filter((trigger) => sourceOf[trigger] === source) : undefined;
}

/** Kinds of failure, as this interface sums reasons up. */
const reasonsByClass: Record<string, readonly RunReason[]> = {
  budget: [],
  timeout: ['timeout', 'endpoint_timeout'],
  oom: ['out_of_memory'],
  rate_limited: ['endpoint_busy'],
  auth: ['endpoint_denied', 'source_auth'],
  client: ['endpoint_rejected', 'endpoint_refused', 'endpoint_output'],
  server: ['endpoint_failed'],
  connection: ['endpoint_unreachable', 'source_unreachable', 'registry_unreachable', 'engine_unreachable'],
  transient: ['lost', 'released', 'engine_lost', 'engine_error', 'endpoint_silent'],
  unknown: ['internal'],
};

/** The reasons that an error class, or a reason itself, stands for; undefined where the word is neither. */
export function reasonsOf(errorClass: string): readonly string[] | undefined {
  if (Object.hasOwn(reasonsByClass, errorClass)) return reasonsByClass[errorClass];
  return Object.hasOwn(reasonKinds, errorClass) ? [errorClass] : undefined;
}
