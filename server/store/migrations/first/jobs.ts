import { key, kind } from './columns.ts';

const meta = `CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
)`;

const projects = `CREATE TABLE projects (
  ${key},
  name TEXT NOT NULL UNIQUE,
  image_folder TEXT NOT NULL,
  revision TEXT,
  created_at BIGINT NOT NULL
)`;

// limited and round_robin are copies of what the current version says, for the lines that are made of it. reopens_at is
// when time opens its gate. A job that was removed is nobody's any more; its row stays until its runs are gone.
const jobs = `CREATE TABLE jobs (
  ${key},
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL REFERENCES projects (name),
  slug TEXT NOT NULL,
  ${kind},
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_by TEXT,
  updated_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  limited INTEGER NOT NULL CHECK (limited IN (0, 1)),
  round_robin INTEGER NOT NULL CHECK (round_robin IN (0, 1)),
  reopens_at BIGINT,
  removed_at BIGINT
)`;

// One row for every version, the current one included.
const jobVersions = `CREATE TABLE job_versions (
  ${key},
  id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL REFERENCES jobs (id),
  version INTEGER NOT NULL CHECK (version >= 1),
  version_id TEXT NOT NULL UNIQUE,
  slug TEXT NOT NULL,
  definition TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (job_id, version)
)`;

// The tags of each job's current version.
const jobTags = `CREATE TABLE job_tags (
  job_id TEXT NOT NULL REFERENCES jobs (id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (job_id, name)
)`;

const jobDependencies = `CREATE TABLE job_dependencies (
  ${key},
  id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL REFERENCES jobs (id),
  depends_on_job_id TEXT NOT NULL REFERENCES jobs (id),
  condition TEXT NOT NULL CHECK (condition IN ('completed', 'failed', 'any')),
  created_at BIGINT NOT NULL,
  UNIQUE (job_id, depends_on_job_id),
  CHECK (job_id <> depends_on_job_id)
)`;

// The next tick of each enabled job with a cron expression.
const schedules = `CREATE TABLE schedules (
  job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
  next_at BIGINT NOT NULL
)`;

export const jobTables: readonly string[] = [
  meta,
  projects,
  jobs,
  jobVersions,
  jobTags,
  jobDependencies,
  schedules,
  'CREATE UNIQUE INDEX jobs_by_name ON jobs (project, slug) WHERE removed_at IS NULL',
  'CREATE INDEX projects_by_image_folder ON projects (image_folder)',
  'CREATE INDEX jobs_by_project ON jobs (project, key)',
  'CREATE INDEX jobs_by_slug ON jobs (slug, key)',
  'CREATE INDEX jobs_reopening ON jobs (reopens_at) WHERE reopens_at IS NOT NULL',
  'CREATE INDEX jobs_removed ON jobs (removed_at) WHERE removed_at IS NOT NULL',
  'CREATE INDEX job_dependents ON job_dependencies (depends_on_job_id)',
  'CREATE INDEX schedules_due ON schedules (next_at, job_id)',
];
