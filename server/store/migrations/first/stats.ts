// How runs of a job ended, by the time they were created and by how long they took, so that a score never reads the runs.
// A slot is 5 minutes, an hour or a day long; a bucket holds durations that differ by at most 2 %.
const jobStats = `CREATE TABLE job_stats (
  job_id TEXT NOT NULL,
  slot_ms BIGINT NOT NULL,
  slot BIGINT NOT NULL,
  state TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  total_ms BIGINT NOT NULL,
  PRIMARY KEY (job_id, slot_ms, slot, state, bucket)
)`;

export const statsTables: readonly string[] = [
  jobStats,
  'CREATE INDEX job_stats_by_slot ON job_stats (slot_ms, slot)',
];
