import { key } from './columns.ts';

const engines = `CREATE TABLE engines (
  ${key},
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
)`;

// line names a row of lines while the attempt is queued or running; later it says nothing.
const attempts = `CREATE TABLE attempts (
  ${key},
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL REFERENCES runs (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  line INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled', 'lost', 'released'
  )),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 10),
  rank BIGINT NOT NULL,
  ready INTEGER NOT NULL CHECK (ready IN (0, 1)),
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
  CHECK (state <> 'running' OR (lease_id IS NOT NULL AND started_at IS NOT NULL))
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

// No foreign keys: what lies on an engine may outlive the rows of its attempt.
const leftovers = `CREATE TABLE leftovers (
  engine TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (engine, attempt_id)
)`;

export const attemptTables: readonly string[] = [
  engines,
  attempts,
  images,
  leftovers,
  `CREATE INDEX attempts_line ON attempts (line, rank, key) WHERE state = 'queued' AND ready = 1`,
  `CREATE INDEX attempts_rank ON attempts (rank) WHERE state = 'queued' AND ready = 1`,
  `CREATE INDEX attempts_due ON attempts (available_at) WHERE state = 'queued' AND ready = 0`,
  `CREATE INDEX attempts_running ON attempts (lease_expires_at, key) WHERE state = 'running'`,
  'CREATE INDEX images_by_run ON images (run_id)',
  'CREATE INDEX images_by_attempt ON images (attempt_id)',
];
