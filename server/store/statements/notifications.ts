import {
  type NewNotification,
  type Notification,
  type NotificationPlaces,
  notificationStates,
  type NotificationSummary,
  type NotificationTry,
} from '../contract/outbox.ts';
import { integer, integerOrNull, oneOf, text, textOrNull } from '../row.ts';
import { type Row, type Sql, statement } from '../sql.ts';

export const summaryColumns = `key, id, project, job_id, run_id, event, url, state, tries, max_tries, next_at, last_status,
    last_error, created_at, delivered_at`;
const columns = `${summaryColumns}, secret, body`;

const insert = statement(`INSERT INTO notifications
    (id, project, job_id, run_id, event, url, origin, state, tries, max_tries, next_at, created_at, secret, body)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', 0, $8, $9, $9, $10, $11)`);
const byId = statement(`SELECT ${columns} FROM notifications WHERE id = $1`);

// Only what is pending has a next_at, and the index of those is the way to it. Origins that are full stand in $2, each between two spaces; REPLACE finds them in both databases.
const due = statement(`SELECT id, origin FROM notifications
  WHERE next_at <= $1 AND REPLACE($2, ' ' || origin || ' ', '') = $2
  ORDER BY next_at, key LIMIT $3`);
const putOff = statement(`UPDATE notifications SET next_at = $2
  WHERE id = $1 AND state || '' = 'pending' RETURNING ${columns}`);
const nextDue = statement('SELECT MIN(next_at) AS at FROM notifications WHERE next_at > $1');

const settle = statement(`UPDATE notifications
  SET state = $3, tries = $2, next_at = $4, last_status = $5, last_error = $6, delivered_at = $7
  WHERE id = $1 AND tries = $2 - 1 AND state || '' = 'pending'`);
const insertTry = statement(`INSERT INTO notification_tries
    (notification_id, number, status, error, took_ms, created_at) VALUES ($1, $2, $3, $4, $5, $6)`);
const triesOf = statement(`SELECT number, status, error, took_ms, created_at FROM notification_tries
  WHERE notification_id = $1 ORDER BY number`);
const again = statement(`UPDATE notifications
  SET state = 'pending', max_tries = tries + $2, next_at = $3, delivered_at = NULL WHERE id = $1`);

const old = `SELECT id FROM notifications WHERE state <> 'pending' AND created_at < $1 ORDER BY created_at, id LIMIT $2`;
const forgetTries = statement(`DELETE FROM notification_tries WHERE notification_id IN (${old})`);
const forget = statement(`DELETE FROM notifications WHERE id IN (${old})`);

/** Pending and due at once. */
export async function insertNotification(sql: Sql, made: NewNotification): Promise<void> {
  await sql.run(insert, [
    made.id,
    made.project,
    made.jobId,
    made.runId,
    made.event,
    made.url,
    originOf(made.url),
    made.maxTries,
    made.createdAt,
    made.secret,
    made.body,
  ]);
}

export async function notificationById(sql: Sql, id: string): Promise<Notification | undefined> {
  const row = await sql.get(byId, [id]);
  return row && notificationOf(row);
}

/** Takes what is due as far as there are places for it: a receiver that has its share leaves them to the others. */
export async function takeDueNotifications(
  sql: Sql,
  now: number,
  untilAt: number,
  { free, perOrigin, underWay }: NotificationPlaces,
): Promise<Notification[]> {
  const busy = new Map(underWay);
  const taken: Notification[] = [];
  for (;;) {
    const wanted = free - taken.length;
    const rows = wanted > 0 ? await sql.all(due, [now, fullOrigins(busy, perOrigin), wanted]) : [];
    for (const row of rows) {
      const origin = text(row, 'origin');
      const count = busy.get(origin) ?? 0;
      if (count >= perOrigin) continue;
      busy.set(origin, count + 1);
      const one = await sql.get(putOff, [text(row, 'id'), untilAt]);
      if (one) taken.push(notificationOf(one));
    }
    // With fewer than wanted there are no others; else those that were passed over are asked for no more.
    if (rows.length < wanted || wanted <= 0) return taken;
  }
}

/** The next time after `now` at which one becomes due. */
export async function nextNotificationAt(sql: Sql, now: number): Promise<number | undefined> {
  const row = await sql.get(nextDue, [now]);
  return (row && integerOrNull(row, 'at')) ?? undefined;
}

/** False, and nothing changed, where the try of this number was recorded before. */
export async function recordTry(
  sql: Sql,
  id: string,
  { number, status, error, tookMs, createdAt }: NotificationTry,
  next: { state: Notification['state']; nextAt: number | null },
): Promise<boolean> {
  const deliveredAt = next.state === 'delivered' ? createdAt + tookMs : null;
  const changed = await sql.run(settle, [id, number, next.state, next.nextAt, status, error, deliveredAt]);
  if (changed === 0) return false;
  await sql.run(insertTry, [id, number, status, error, tookMs, createdAt]);
  return true;
}

/** In their order. */
export async function triesOfNotification(sql: Sql, id: string): Promise<NotificationTry[]> {
  return (await sql.all(triesOf, [id])).map((row) => ({
    number: integer(row, 'number'),
    status: integerOrNull(row, 'status'),
    error: textOrNull(row, 'error'),
    tookMs: integer(row, 'took_ms'),
    createdAt: integer(row, 'created_at'),
  }));
}

/** Makes it pending and due, with `tries` more; false where there is none. */
export async function redeliver(sql: Sql, id: string, tries: number, now: number): Promise<boolean> {
  return (await sql.run(again, [id, tries, now])) === 1;
}

/** Forgets those that are over and were made before a time; how many. */
export async function forgetNotifications(sql: Sql, before: number, limit: number): Promise<number> {
  await sql.run(forgetTries, [before, limit]);
  return sql.run(forget, [before, limit]);
}

/** Scheme, host and port: what has places of its own. */
function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'null';
}

function fullOrigins(busy: ReadonlyMap<string, number>, perOrigin: number): string {
  const full = [...busy].filter(([, count]) => count >= perOrigin).map(([origin]) => origin);
  return ` ${full.join('  ')} `;
}

/** Of a row with `summaryColumns`. */
export function summaryOf(row: Row): NotificationSummary {
  return {
    key: integer(row, 'key'),
    id: text(row, 'id'),
    project: text(row, 'project'),
    jobId: text(row, 'job_id'),
    runId: text(row, 'run_id'),
    event: text(row, 'event'),
    url: text(row, 'url'),
    state: oneOf(notificationStates, row, 'state'),
    tries: integer(row, 'tries'),
    maxTries: integer(row, 'max_tries'),
    nextAt: integerOrNull(row, 'next_at'),
    lastStatus: integerOrNull(row, 'last_status'),
    lastError: textOrNull(row, 'last_error'),
    createdAt: integer(row, 'created_at'),
    deliveredAt: integerOrNull(row, 'delivered_at'),
  };
}

function notificationOf(row: Row): Notification {
  return { ...summaryOf(row), secret: textOrNull(row, 'secret'), body: text(row, 'body') };
}
