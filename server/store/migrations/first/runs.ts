import { isOneOf, key, kind } from './columns.ts';

const unended = ['queued', 'running', 'waiting', 'delayed'];
const ended = [
  'completed',
  'dead_letter',
  'failed',
  'timed_out',
  'crashed',
  'system_failed',
  'canceled',
  'expired',
];
const triggers = ['api', 'webhook', 'cron', 'dependency', 'retry', 'cli'];

// origin, course and modified_at are for lists, as those of attempts.
const beside = 'origin, course';
const done = 'WHERE origin IS NOT NULL AND completed_at IS NOT NULL';

// project, slug, bobfile, platform (of child runs; both of the request) and dependency_key (of the metadata) are copies,
// kept beside the run for its filters.
const runs = `CREATE TABLE runs (
  ${key},
  id TEXT NOT NULL UNIQUE,
  origin INTEGER,
  course BIGINT NOT NULL,
  job_id TEXT NOT NULL,
  job_version INTEGER NOT NULL,
  project TEXT NOT NULL,
  slug TEXT NOT NULL,
  ${kind},
  queue TEXT NOT NULL,
  state TEXT NOT NULL CHECK ${isOneOf('state', [...unended, ...ended])},
  archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 10),
  trigger TEXT NOT NULL CHECK ${isOneOf('trigger', triggers)},
  ref TEXT NOT NULL,
  bobfile TEXT NOT NULL,
  request TEXT NOT NULL,
  phase TEXT,
  commit_id TEXT,
  reason TEXT,
  error TEXT,
  result TEXT,
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  counted_attempts INTEGER NOT NULL CHECK (counted_attempts BETWEEN 0 AND attempt),
  max_attempts INTEGER NOT NULL CHECK (max_attempts >= counted_attempts),
  timeout_ms BIGINT NOT NULL CHECK (timeout_ms > 0),
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  completed_at BIGINT,
  modified_at BIGINT NOT NULL,
  archived_at BIGINT,
  cancel_requested_at BIGINT,
  cancel_reason TEXT,
  parent_run_id TEXT,
  lineage_depth INTEGER NOT NULL CHECK (lineage_depth >= 0),
  payload_hash TEXT,
  tags TEXT NOT NULL,
  metadata TEXT NOT NULL,
  dependency_key TEXT,
  scheduled_at BIGINT,
  next_retry_at BIGINT,
  expires_at BIGINT,
  idempotency_key TEXT,
  concurrency_key TEXT,
  debounce_key TEXT,
  batch_id TEXT,
  created_by TEXT,
  heartbeat_at BIGINT,
  execution_trace TEXT,
  platform TEXT,
  FOREIGN KEY (job_id, job_version) REFERENCES job_versions (job_id, version),
  CHECK (phase IS NULL OR state = 'running'),
  CHECK (${isOneOf('state', unended)} = (completed_at IS NULL)),
  CHECK ((archived = 1) = (archived_at IS NOT NULL)),
  CHECK (archived = 0 OR completed_at IS NOT NULL),
  CHECK (state NOT IN ('queued', 'running') OR attempt >= 1),
  CHECK (state NOT IN ('waiting', 'delayed') OR attempt = 0),
  CHECK (state <> 'delayed' OR scheduled_at IS NOT NULL)
)`;

// Payloads and outputs may be megabytes: beside the runs, so that no list reads them.
const runBodies = `CREATE TABLE run_bodies (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
  payload TEXT,
  output TEXT
)`;

// What of a run lists filter and sort by, besides its course and times: of many runs it is the same.
const origins = `CREATE TABLE origins (
  ${key},
  job_id TEXT NOT NULL,
  job_version INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  timeout_ms BIGINT NOT NULL,
  UNIQUE (job_id, job_version, priority, timeout_ms)
)`;

// How many attempts, and how many runs, there are of an origin and a course. Two rows are written by one statement, one of
// them less than it was: that nothing is below zero is not for SQLite to check, which would look at what it might insert.
const courseCounts = `CREATE TABLE course_counts (
  of_runs INTEGER NOT NULL CHECK (of_runs IN (0, 1)),
  origin INTEGER NOT NULL,
  course BIGINT NOT NULL,
  counted INTEGER NOT NULL,
  PRIMARY KEY (of_runs, origin, course)
)`;

// How many attempts were removed of each course, so that it can still be said how many ended so.
const goneCounts = `CREATE TABLE gone_counts (
  course BIGINT NOT NULL PRIMARY KEY,
  counted BIGINT NOT NULL
)`;

// How many runs there are of each kind that can be asked for, so that nobody counts rows.
const runCounts = `CREATE TABLE run_counts (
  project TEXT NOT NULL,
  slug TEXT NOT NULL,
  state TEXT NOT NULL,
  archived INTEGER NOT NULL,
  runs INTEGER NOT NULL CHECK (runs >= 0),
  PRIMARY KEY (project, slug, state, archived)
)`;

// No foreign key: the delivery is recorded first, and tells whether there will be a run at all.
const deliveries = `CREATE TABLE deliveries (
  source TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (source, delivery_id)
)`;

const secrets = `CREATE TABLE secrets (
  run_id TEXT NOT NULL REFERENCES runs (id),
  name TEXT NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (run_id, name)
)`;

export const runTables: readonly string[] = [
  origins,
  runs,
  runBodies,
  runCounts,
  courseCounts,
  goneCounts,
  deliveries,
  secrets,
  // Where both would do, SQLite takes the one that was made first: the narrower.
  'CREATE INDEX runs_by_project_state ON runs (project, state, key)',
  'CREATE INDEX runs_by_project ON runs (project, key)',
  'CREATE INDEX runs_by_slug ON runs (slug, key)',
  'CREATE INDEX runs_by_job_state ON runs (job_id, state, key)',
  'CREATE INDEX runs_by_job ON runs (job_id, key)',
  'CREATE INDEX runs_by_ref ON runs (ref, key)',
  'CREATE INDEX runs_by_bobfile ON runs (bobfile, key)',
  'CREATE INDEX runs_by_state ON runs (state, archived, key)',
  `CREATE INDEX runs_by_course ON runs (origin, course, modified_at, key) ${done}`,
  `CREATE INDEX runs_by_key ON runs (key, ${beside}, modified_at) ${done}`,
  `CREATE INDEX runs_by_start ON runs (started_at, key, ${beside}, modified_at) ${done} AND started_at IS NOT NULL`,
  `CREATE INDEX runs_by_end ON runs (modified_at, key, ${beside}) ${done}`,
  'CREATE INDEX runs_by_parent ON runs (parent_run_id, key) WHERE parent_run_id IS NOT NULL',
  'CREATE INDEX runs_by_batch ON runs (batch_id, key) WHERE batch_id IS NOT NULL',
  'CREATE INDEX runs_archivable ON runs (completed_at, key) WHERE archived = 0 AND completed_at IS NOT NULL',
  'CREATE INDEX runs_delayed ON runs (state, scheduled_at, key) WHERE scheduled_at IS NOT NULL',
  'CREATE INDEX runs_expiring ON runs (expires_at) WHERE expires_at IS NOT NULL AND started_at IS NULL AND completed_at IS NULL',
  'CREATE UNIQUE INDEX runs_idempotent ON runs (job_id, idempotency_key) WHERE idempotency_key IS NOT NULL AND completed_at IS NULL',
  `CREATE UNIQUE INDEX runs_debounced ON runs (job_id, debounce_key) WHERE debounce_key IS NOT NULL AND state = 'delayed'`,
  'CREATE INDEX runs_open_by_key ON runs (job_id, concurrency_key, key) WHERE concurrency_key IS NOT NULL AND completed_at IS NULL',
  'CREATE INDEX runs_by_payload ON runs (job_id, payload_hash, created_at, key) WHERE payload_hash IS NOT NULL',
  `CREATE INDEX runs_waiting ON runs (job_id, idempotency_key, dependency_key, key) WHERE state = 'waiting'`,
  'CREATE INDEX runs_ended ON runs (job_id, key) WHERE completed_at IS NOT NULL',
  'CREATE INDEX runs_stopping ON runs (id) WHERE cancel_requested_at IS NOT NULL AND completed_at IS NULL',
  'CREATE INDEX runs_ended_by_key ON runs (job_id, idempotency_key, key) WHERE idempotency_key IS NOT NULL AND completed_at IS NOT NULL',
  'CREATE INDEX runs_ended_by_dependency ON runs (job_id, dependency_key, key) WHERE dependency_key IS NOT NULL AND completed_at IS NOT NULL',
  'CREATE INDEX deliveries_by_time ON deliveries (created_at)',
  'CREATE INDEX run_counts_by_slug ON run_counts (slug)',
];
