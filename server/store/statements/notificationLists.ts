import type { NotificationSummary, OutboxReads } from '../contract/outbox.ts';
import { type Sql, type SqlValue, statement, type Statement } from '../sql.ts';
import { summaryColumns, summaryOf } from './notifications.ts';
import { numbered } from './numbered.ts';

type Filter = Parameters<OutboxReads['notifications']>[0];
type Page = Parameters<OutboxReads['notifications']>[1];

const maxKey = 2_147_483_647;
/** The last time that there is, in milliseconds since 1970. */
const endOfTime = 8.64e15;

// A run has few: its index is taken whatever else is asked for.
const texts: ReadonlyMap<string, Statement> = new Map(
  [
    '',
    'project = ?',
    'state = ?',
    'project = ? AND state = ?',
    'run_id = ?',
    "run_id = ? AND project || '' = ?",
    "run_id = ? AND state || '' = ?",
    "run_id = ? AND project || '' = ? AND state || '' = ?",
  ].map((where) => [where, pageOf(where)]),
);

/** Newest first. */
export async function listNotifications(
  sql: Sql,
  filter: Filter,
  { beforeKey, createdBefore = endOfTime, limit }: Page,
): Promise<NotificationSummary[]> {
  const { where, values } = conditions(filter);
  const found = texts.get(where);
  if (!found) throw new Error('no statement was made for this filter');
  const newest = beforeKey === undefined ? maxKey : beforeKey - 1;
  return (await sql.all(found, [...values, newest, createdBefore, limit])).map(summaryOf);
}

function conditions({ project, runId, state }: Filter): { where: string; values: SqlValue[] } {
  const parts: [string, SqlValue][] = [];
  const beside = (column: string) => (runId === undefined ? column : `${column} || ''`);
  if (runId !== undefined) parts.push(['run_id = ?', runId]);
  if (project !== undefined) parts.push([`${beside('project')} = ?`, project]);
  if (state !== undefined) parts.push([`${beside('state')} = ?`, state]);
  return { where: parts.map(([text]) => text).join(' AND '), values: parts.map(([, value]) => value) };
}

function pageOf(where: string): Statement {
  const text = `SELECT ${summaryColumns} FROM notifications
    WHERE ${where === '' ? '' : `${where} AND `}key <= ? AND created_at < ? ORDER BY key DESC LIMIT ?`;
  return statement(numbered(text));
}
