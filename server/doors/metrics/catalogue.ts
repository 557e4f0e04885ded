/** What `/metrics` tells: `docs/metrics.md` lists the same, a test keeps them equal. */
export interface Metric {
  type: 'gauge' | 'counter' | 'histogram';
  labels: readonly string[];
  /** Of this process, or of the store and so the same at every server. */
  of: 'process' | 'store';
  help: string;
}

export const prefix = 'docker_builder_';

/** By their names without the prefix. */
export const metrics = {
  info: {
    type: 'gauge',
    of: 'process',
    labels: ['version', 'name', 'role'],
    help: 'Always 1: which program this is, and as what.',
  },
  store_up: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: '1 where the store answered this question; else nothing of the store is told.',
  },
  runs: { type: 'gauge', of: 'store', labels: ['state'], help: 'Runs by state; child runs are left out.' },
  queue_waiting: {
    type: 'gauge',
    of: 'store',
    labels: ['queue'],
    help: 'Attempts that wait for their turn, or for the end of a pause.',
  },
  queue_running: { type: 'gauge', of: 'store', labels: ['queue'], help: 'Attempts that are worked on.' },
  queue_oldest_seconds: {
    type: 'gauge',
    of: 'store',
    labels: ['queue'],
    help: 'How long the attempt has waited that has waited longest; 0 without any.',
  },
  attempts_ended_total: {
    type: 'counter',
    of: 'store',
    labels: ['outcome', 'reason'],
    help: 'Attempts that ended, of removed runs too; those of child runs are left out.',
  },
  log_bytes: {
    type: 'gauge',
    of: 'store',
    labels: [],
    help: 'What all logs take; measured at most once a minute, and absent before that.',
  },
  members: {
    type: 'gauge',
    of: 'store',
    labels: ['role', 'state'],
    help: 'Processes that share the store: on, paused, draining, stopping or lost.',
  },
  engines: {
    type: 'gauge',
    of: 'store',
    labels: ['state'],
    help: 'Engines of the members that live: ok, unreachable or unknown.',
  },
  engine_slots: {
    type: 'gauge',
    of: 'store',
    labels: ['engine', 'member'],
    help: 'Builds that an engine may do at once.',
  },
  engine_busy: { type: 'gauge', of: 'store', labels: ['engine', 'member'], help: 'Builds that it does.' },
  attempts_begun_total: {
    type: 'counter',
    of: 'process',
    labels: ['place'],
    help: 'Attempts that this process claimed or took over, for an engine or an endpoint (http).',
  },
  attempts_done_total: {
    type: 'counter',
    of: 'process',
    labels: ['place'],
    help: 'Attempts that it works on no more.',
  },
  http_requests_total: {
    type: 'counter',
    of: 'process',
    labels: ['method', 'route', 'status'],
    help: 'Answered requests; route is the pattern, none for files of the page and unknown paths.',
  },
  http_request_seconds: {
    type: 'histogram',
    of: 'process',
    labels: ['method', 'route'],
    help: 'From the request to the end of its answer.',
  },
  store_write_seconds: {
    type: 'histogram',
    of: 'process',
    labels: [],
    help: 'From asking for a write to its durable commit, the wait for others included.',
  },
  store_read_seconds: {
    type: 'histogram',
    of: 'process',
    labels: [],
    help: 'How long a read of the store takes.',
  },
  store_writes_waiting: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: 'Writes that were asked for and are not durable yet.',
  },
  event_loop_lag_seconds: {
    type: 'histogram',
    of: 'process',
    labels: [],
    help: 'How much too late a timer was called, looked at twice a second.',
  },
  resident_memory_bytes: { type: 'gauge', of: 'process', labels: [], help: 'Memory of the process.' },
  heap_used_bytes: { type: 'gauge', of: 'process', labels: [], help: 'Of it, what JavaScript uses.' },
  cpu_seconds_total: {
    type: 'counter',
    of: 'process',
    labels: [],
    help: 'Processor time that the process has used.',
  },
  start_time_seconds: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: 'When the process began, in seconds since 1970.',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;
