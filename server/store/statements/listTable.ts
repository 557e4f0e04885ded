/** What lists are made of: a table with the columns that its rows are sorted by. */
export interface ListTable<Column extends string> {
  table: 'attempts' | 'runs';
  /** With the column whose index, of what has ended, has their order: the time of the newest change is the end. */
  columns: Readonly<Record<Column, Column>>;
  /** Says that a row has ended. */
  ended: string;
  /** Each says of some rows that they are open and not queued; together, of all of them. */
  busy: readonly string[];
  /** Which run a row belongs to. */
  runId: string;
}

export const attemptTable = {
  table: 'attempts',
  columns: {
    key: 'key',
    run_key: 'run_key',
    queued_at: 'queued_at',
    started_at: 'started_at',
    finished_at: 'modified_at',
    modified_at: 'modified_at',
  },
  ended: 'finished_at IS NOT NULL',
  busy: [`state = 'running'`],
  runId: 'run_id',
} as const satisfies ListTable<string>;

export const runTable = {
  table: 'runs',
  columns: {
    key: 'key',
    started_at: 'started_at',
    completed_at: 'modified_at',
    modified_at: 'modified_at',
  },
  ended: 'completed_at IS NOT NULL',
  busy: ['waiting', 'delayed', 'running'].map((state) => `state = '${state}' AND archived = 0`),
  runId: 'id',
} as const satisfies ListTable<string>;
