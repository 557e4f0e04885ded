import { isOneOf, key } from './columns.ts';

const states = ['queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled', 'lost', 'released'];

// pardoned_at is when it was last told to work again: its failures before are forgotten. seen_at is when somebody was last known
// to have it.
const engines = `CREATE TABLE engines (
  ${key},
  name TEXT NOT NULL UNIQUE,
  wish TEXT NOT NULL DEFAULT 'on' CHECK ${isOneOf('wish', ['on', 'paused', 'draining'])},
  pardoned_at BIGINT,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
)`;

// line names a row of lines while the attempt is queued or running; later it says nothing. origin and course are what lists
// filter and sort by, besides times: what its run was made of (null for a part of another run, which no list has), and in
// one number how it went so far. modified_at is when its state or phase last changed, of an ended one its end. Indexes for
// lists have all that a filter looks at, and are of what has ended: an attempt comes into each of them once.
const beside = 'origin, course';
const ended = 'WHERE origin IS NOT NULL AND finished_at IS NOT NULL';

const attempts = `CREATE TABLE attempts (
  ${key},
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL REFERENCES runs (id),
  run_key INTEGER NOT NULL,
  origin INTEGER,
  course BIGINT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  line INTEGER NOT NULL,
  state TEXT NOT NULL CHECK ${isOneOf('state', states)},
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
  modified_at BIGINT NOT NULL,
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

// Layers, steps and labels are in the run's result. The build record comes last: no list reads it.
const images = `CREATE TABLE images (
  ${key},
  run_id TEXT NOT NULL REFERENCES runs (id),
  attempt_id TEXT NOT NULL REFERENCES attempts (id),
  job_id TEXT NOT NULL,
  project TEXT NOT NULL,
  engine TEXT NOT NULL REFERENCES engines (name),
  image_id TEXT NOT NULL,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,
  pushed TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  platform TEXT NOT NULL,
  base TEXT,
  builder TEXT,
  duration_ms BIGINT,
  steps INTEGER NOT NULL,
  cached_steps INTEGER NOT NULL CHECK (cached_steps BETWEEN 0 AND steps),
  difference TEXT,
  created_at BIGINT NOT NULL,
  provenance TEXT
)`;

// What an image can be asked for by: its id, its digests in registries, its names with their tags.
const imageReferences = `CREATE TABLE image_references (
  image INTEGER NOT NULL REFERENCES images (key),
  reference TEXT NOT NULL,
  project TEXT NOT NULL,
  PRIMARY KEY (image, reference)
)`;

// No foreign keys: what lies on an engine may outlive the rows of its attempt.
const leftovers = `CREATE TABLE leftovers (
  engine TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (engine, attempt_id)
)`;

// What builds made or went on from on an engine, by the 12 hex digits that it prints; it outlives runs and jobs. layer says
// that the classic builder told of it as a step of ours.
const builtImages = `CREATE TABLE built_images (
  engine TEXT NOT NULL,
  image TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  names TEXT NOT NULL,
  layer INTEGER NOT NULL CHECK (layer IN (0, 1)),
  made_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (engine, image)
)`;

// What ended in a range of keys, summed up for lists: none of these attempts changes any more, but they may be removed. The
// others of the range stand in apart. All three texts are JSON: numbers of origin, course and count in turn; by column the
// lowest and the highest value, or null; keys. size is how many were summed up then, remaining how
// many of them were not removed since.
const attemptBlocks = `CREATE TABLE attempt_blocks (
  from_key BIGINT NOT NULL PRIMARY KEY,
  to_key BIGINT NOT NULL CHECK (to_key > from_key),
  size INTEGER NOT NULL,
  remaining INTEGER NOT NULL,
  counts TEXT NOT NULL,
  bounds TEXT NOT NULL,
  apart TEXT NOT NULL
)`;

export const attemptTables: readonly string[] = [
  engines,
  attempts,
  attemptBlocks,
  images,
  imageReferences,
  leftovers,
  builtImages,
  `CREATE INDEX attempts_line ON attempts (line, rank, key) WHERE state = 'queued' AND ready = 1`,
  `CREATE INDEX attempts_rank ON attempts (rank) WHERE state = 'queued' AND ready = 1`,
  `CREATE INDEX attempts_due ON attempts (available_at) WHERE state = 'queued' AND ready = 0`,
  `CREATE INDEX attempts_running ON attempts (lease_expires_at, key) WHERE state = 'running'`,
  `CREATE INDEX attempts_waiting ON attempts (queued_at, key, origin) WHERE origin IS NOT NULL AND state = 'queued'`,
  `CREATE INDEX attempts_by_course ON attempts (origin, course, modified_at, key) ${ended}`,
  `CREATE INDEX attempts_by_key ON attempts (key, ${beside}, modified_at) ${ended}`,
  `CREATE INDEX attempts_by_run ON attempts (run_key, key, ${beside}, modified_at) ${ended}`,
  `CREATE INDEX attempts_by_queueing ON attempts (queued_at, key, ${beside}, modified_at) ${ended}`,
  `CREATE INDEX attempts_by_start ON attempts (started_at, key, ${beside}, modified_at) ${ended} AND started_at IS NOT NULL`,
  `CREATE INDEX attempts_by_end ON attempts (modified_at, key, ${beside}) ${ended}`,
  'CREATE INDEX images_by_run ON images (run_id)',
  'CREATE INDEX images_by_attempt ON images (attempt_id)',
  'CREATE INDEX images_by_project ON images (project, key)',
  'CREATE INDEX images_by_job ON images (job_id, key)',
  'CREATE INDEX images_by_name ON images (job_id, name, platform, key)',
  'CREATE INDEX images_by_time ON images (created_at, key)',
  'CREATE INDEX image_references_by_reference ON image_references (reference, image)',
  'CREATE INDEX image_references_by_project ON image_references (project, reference, image)',
];
