import { key } from './columns.ts';

// One line for each job, queue, concurrency key (lane; '' without one) and place that something waits or runs in. The
// claim takes the open line whose turn is lowest, and of that line the attempt whose rank is lowest: what is blocked
// costs a claim nothing, however long it is. Attempts of child runs are at places of their own, which nothing limits.
// Where anything can hold a line back (limited = 1) its gates follow each change: free says that its own key lets it
// go, front that it is the first free line of a job that lets it go, open that it is the first of those in a queue
// that lets it go. So at most one line of a limit is open at a time, and no change ever has to open or close many.
// running and waiting count attempts; turn is the lowest rank of those that are ready.
const lines = `CREATE TABLE lines (
  ${key},
  job_id TEXT NOT NULL,
  lane TEXT NOT NULL,
  queue TEXT NOT NULL CHECK (queue <> ''),
  place TEXT NOT NULL CHECK (place IN ('engine', 'http') OR place LIKE 'engine/%'),
  round_robin INTEGER NOT NULL CHECK (round_robin IN (0, 1)),
  limited INTEGER NOT NULL CHECK (limited IN (0, 1)),
  free INTEGER NOT NULL CHECK (free IN (0, 1)),
  front INTEGER NOT NULL CHECK (front IN (0, 1)),
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  running INTEGER NOT NULL CHECK (running >= 0),
  waiting INTEGER NOT NULL CHECK (waiting >= 0),
  turn BIGINT,
  served_at BIGINT,
  UNIQUE (job_id, lane, queue, place)
)`;

const queues = `CREATE TABLE queues (
  name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  max_running INTEGER CHECK (max_running >= 0)
)`;

// What settings.json (declared) and the interface (made) want of a queue, each as JSON with paused and maxRunning or null.
// What comes of both is in queues, where it holds anything back.
const knownQueues = `CREATE TABLE known_queues (
  name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  declared TEXT NOT NULL,
  made TEXT NOT NULL
)`;

// The named budgets of a project's jobs, with the most starts and the longest window that any of them ever asked for.
const rateBudgets = `CREATE TABLE rate_budgets (
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  max_starts BIGINT NOT NULL,
  window_ms BIGINT NOT NULL,
  PRIMARY KEY (project, name)
)`;

// The latest starts that counted against a budget.
const rateStarts = `CREATE TABLE rate_starts (
  ${key},
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  started_at BIGINT NOT NULL
)`;

export const lineTables: readonly string[] = [
  lines,
  queues,
  knownQueues,
  rateBudgets,
  rateStarts,
  `CREATE INDEX lines_of_platforms ON lines (place) WHERE waiting > 0 AND place NOT IN ('engine', 'http')`,
  'CREATE INDEX lines_turn ON lines (place, turn, key) WHERE open = 1 AND turn IS NOT NULL',
  'CREATE INDEX lines_by_queue ON lines (queue, job_id)',
  'CREATE INDEX lines_free ON lines (job_id, queue, turn, key) WHERE limited = 1 AND free = 1 AND turn IS NOT NULL',
  'CREATE INDEX lines_front_of_job ON lines (job_id) WHERE limited = 1 AND front = 1',
  'CREATE INDEX lines_front ON lines (queue, place, turn, key) WHERE limited = 1 AND front = 1 AND turn IS NOT NULL',
  'CREATE INDEX lines_open_of_queue ON lines (queue) WHERE limited = 1 AND open = 1',
  'CREATE INDEX lines_running_of_job ON lines (job_id, running) WHERE limited = 1 AND running > 0',
  'CREATE INDEX lines_running_of_queue ON lines (queue, running) WHERE limited = 1 AND running > 0',
  'CREATE INDEX rate_budgets_by_window ON rate_budgets (window_ms)',
  'CREATE INDEX rate_starts_by_name ON rate_starts (project, name, started_at, key)',
];
