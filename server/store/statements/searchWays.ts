import type { RunSearch } from '../contract/runs.ts';
import { type SqlValue, statement } from '../sql.ts';
import { numbered } from './numbered.ts';
import { runColumns } from './runs.ts';

// Each is true where its parameter is null. None of them can be taken for a condition that an index serves.
const beside = [
  'project = COALESCE(?, project)',
  'job_id = COALESCE(?, job_id)',
  isAmong('state'),
  isAmong('trigger'),
  `COALESCE(parent_run_id, '') = COALESCE(?, parent_run_id, '')`,
  isAmong(`COALESCE(reason, '')`),
  `tags LIKE ? ESCAPE '!'`,
  `metadata LIKE ? ESCAPE '!'`,
].join(' AND ');

// A question goes along one index, newest first. What else it asks for is looked at row by row, in bounded windows.
export const ways = {
  batch: wayAlong('batch_id = ? AND '),
  parent: wayAlong('parent_run_id = ? AND '),
  jobState: wayAlong('job_id = ? AND state = ? AND '),
  job: wayAlong('job_id = ? AND '),
  projectState: wayAlong('project = ? AND state = ? AND '),
  project: wayAlong('project = ? AND '),
  state: wayAlong('state = ? AND archived = ? AND '),
  all: wayAlong(''),
};
export type Way = (typeof ways)[keyof typeof ways];

/** What the conditions of `window` are given; a part of the search that is absent holds for every run. */
export function besideValues({
  project,
  jobId,
  states,
  triggers,
  parentRunId,
  reasons,
  tags,
  metadata,
}: RunSearch): SqlValue[] {
  return [
    project ?? null,
    jobId ?? null,
    listed(states),
    listed(triggers),
    parentRunId ?? null,
    listed(reasons),
    memberPattern(tags),
    memberPattern(metadata),
  ];
}

function isAmong(column: string): string {
  return `COALESCE(?, ',' || ${column} || ',') LIKE '%,' || ${column} || ',%'`;
}

function listed(words: readonly string[] | undefined): string | null {
  return words ? `,${words.join(',')},` : null;
}

/** JSON text that has the first of the members; what else it lets through is sorted out afterwards. */
function memberPattern([wanted]: NonNullable<RunSearch['tags']> = []): string {
  if (!wanted) return '%';
  const value = wanted.value === undefined ? '' : JSON.stringify(wanted.value);
  return `%${`${JSON.stringify(wanted.key)}:${value}`.replaceAll(/[!%_]/g, '!$&')}%`;
}

function wayAlong(along: string) {
  const beforeTime = 'created_at < ?';
  return {
    page: statement(
      numbered(
        `SELECT ${runColumns} FROM runs WHERE ${along}key <= ? AND ${beforeTime} ORDER BY key DESC LIMIT ?`,
      ),
    ),
    windowEnd: statement(
      numbered(`SELECT key FROM runs WHERE ${along}key <= ? ORDER BY key DESC LIMIT 1 OFFSET ?`),
    ),
    window: statement(
      numbered(
        `SELECT ${runColumns} FROM runs WHERE ${along}key >= ? AND key <= ? AND ${beforeTime} AND ${beside} ORDER BY key DESC LIMIT ?`,
      ),
    ),
  };
}
