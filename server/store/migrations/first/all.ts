// The words are written out here, not taken from server/words: this step stays as it was when they grow.
const ended = `'completed', 'dead_letter', 'failed', 'timed_out', 'crashed', 'system_failed', 'canceled', 'expired'`;

/** An integer key: `{serial}` is the database's own way to number rows without ever using a number again. */
const key = 'key {serial} CHECK (key BETWEEN 1 AND 2147483647)';

const meta = `CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
)`;

const projects = `CREATE TABLE projects (
  ${key},
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
)`;

const jobs = `CREATE TABLE jobs (
  ${key},
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL REFERENCES projects (name),
  slug TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('image', 'container', 'http')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (project, slug)
)`;

const jobVersions = `CREATE TABLE job_versions (
  ${key},
  job_id TEXT NOT NULL REFERENCES jobs (id),
  version INTEGER NOT NULL CHECK (version >= 1),
  version_id TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (job_id, version)
)`;

// project, slug and bobfile are copies, kept beside the run for its filters.
const runs = `CREATE TABLE runs (
  ${key},
  id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL,
  job_version INTEGER NOT NULL,
  project TEXT NOT NULL,
  slug TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('image', 'container', 'http')),
  queue TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delayed', 'queued', 'running', ${ended})),
  archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 10),
  trigger TEXT NOT NULL CHECK (trigger IN ('api', 'webhook', 'cron', 'dependency', 'retry', 'cli')),
  ref TEXT NOT NULL,
  bobfile TEXT NOT NULL,
  request TEXT NOT NULL,
  phase TEXT,
  commit_id TEXT,
  reason TEXT,
  error TEXT,
  result TEXT,
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  counted_attempts INTEGER NOT NULL CHECK (counted_attempts BETWEEN 0 AND attempt),
  max_attempts INTEGER NOT NULL CHECK (max_attempts >= counted_attempts),
  timeout_ms BIGINT NOT NULL CHECK (timeout_ms > 0),
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  completed_at BIGINT,
  archived_at BIGINT,
  cancel_requested_at BIGINT,
  parent_run_id TEXT REFERENCES runs (id),
  FOREIGN KEY (job_id, job_version) REFERENCES job_versions (job_id, version),
  CHECK (phase IS NULL OR state = 'running'),
  CHECK ((state IN (${ended})) = (completed_at IS NOT NULL)),
  CHECK ((archived = 1) = (archived_at IS NOT NULL)),
  CHECK (archived = 0 OR completed_at IS NOT NULL)
)`;

const engines = `CREATE TABLE engines (
  ${key},
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
)`;

const attempts = `CREATE TABLE attempts (
  ${key},
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL REFERENCES runs (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  state TEXT NOT NULL CHECK (state IN (
    'queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled', 'lost', 'released'
  )),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 10),
  queued_at BIGINT NOT NULL,
  available_at BIGINT NOT NULL,
  engine TEXT REFERENCES engines (name),
  lease_id TEXT,
  lease_expires_at BIGINT,
  started_at BIGINT,
  finished_at BIGINT,
  reason TEXT,
  error TEXT,
  exit_code INTEGER,
  phases TEXT NOT NULL,
  steps TEXT NOT NULL,
  first_line BIGINT,
  last_line BIGINT,
  UNIQUE (run_id, number),
  CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL)),
  CHECK ((state = 'running') = (lease_expires_at IS NOT NULL)),
  CHECK (state <> 'running' OR (engine IS NOT NULL AND lease_id IS NOT NULL AND started_at IS NOT NULL))
)`;

const images = `CREATE TABLE images (
  ${key},
  run_id TEXT NOT NULL REFERENCES runs (id),
  attempt_id TEXT NOT NULL REFERENCES attempts (id),
  engine TEXT NOT NULL REFERENCES engines (name),
  image_id TEXT NOT NULL,
  tags TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  platform TEXT NOT NULL,
  created_at BIGINT NOT NULL
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

// No foreign keys: what lies on an engine may outlive the rows of its attempt.
const leftovers = `CREATE TABLE leftovers (
  engine TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (engine, attempt_id)
)`;

const indexes = [
  'CREATE INDEX runs_by_project ON runs (project, key)',
  'CREATE INDEX runs_by_slug ON runs (slug, key)',
  'CREATE INDEX runs_by_job ON runs (job_id, key)',
  'CREATE INDEX runs_by_ref ON runs (ref, key)',
  'CREATE INDEX runs_by_bobfile ON runs (bobfile, key)',
  'CREATE INDEX runs_by_state ON runs (state, archived, key)',
  'CREATE INDEX runs_by_parent ON runs (parent_run_id) WHERE parent_run_id IS NOT NULL',
  'CREATE INDEX runs_archivable ON runs (completed_at, key) WHERE archived = 0 AND completed_at IS NOT NULL',
  // available_at is there so that a claim passes over attempts that still wait without reading their rows.
  `CREATE INDEX attempts_line ON attempts (priority DESC, key, available_at) WHERE state = 'queued'`,
  `CREATE INDEX attempts_available ON attempts (available_at) WHERE state = 'queued'`,
  `CREATE INDEX attempts_running ON attempts (lease_expires_at, key) WHERE state = 'running'`,
  'CREATE INDEX deliveries_by_time ON deliveries (created_at)',
  'CREATE INDEX images_by_run ON images (run_id)',
  'CREATE INDEX run_counts_by_slug ON run_counts (slug)',
];

/** Everything that the first version of the store keeps. */
export const first: readonly string[] = [
  meta,
  projects,
  jobs,
  jobVersions,
  runs,
  engines,
  attempts,
  images,
  runCounts,
  deliveries,
  secrets,
  leftovers,
  ...indexes,
];
