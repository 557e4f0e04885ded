import type { Response } from 'express';
import { blocksOf, cut } from '../../room/logs/piece.ts';
import { sendText } from '../../room/logs/sendText.ts';
import type { Room } from '../../room/room.ts';
import type { LogBlock, LogText } from '../../words/logs.ts';
import { Problem } from '../../words/problems.ts';
import type { Run } from '../../words/run.ts';

const defaultTail = 100;
/** What one answer of `lines` holds at most; its `last` says how far it came. */
const mostLines = 5000;
const mostBytes = 4 * 1024 * 1024;

/** `GET /jobs/:id/tail?n=100`: the last lines as text. Its refusals are text too, as the original's were. */
export async function sendTail(
  room: Room,
  run: Run,
  query: URLSearchParams,
  response: Response,
): Promise<void> {
  const text = query.get('n') || String(defaultTail);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    return refuse(response, 400, `${text} is not a valid number`);
  const n = Number(text);
  if (n < 1) return refuse(response, 412, 'The number of lines to extract from the file must be positive');
  if (run.archivedAt !== null) return refuse(response, 412, 'job is archived, no log file available');
  await sendLogText(response, await room.logs.tail(run.id, n));
}

/** `GET /jobs/:id/log`: the whole log as text. */
export async function sendLog(room: Room, run: Run, response: Response): Promise<void> {
  refuseArchived(run);
  response.set('Content-Disposition', `attachment; filename="${run.id}.log"`);
  await sendLogText(response, await room.logs.range(run.id, 1, Infinity));
}

/**
 * `GET /jobs/:id/lines?from=&to=`: neighbouring lines with their time and stream. They begin behind a gap that `from`
 * falls into, and end before the next one; `first` > `last` where there are none.
 */
export async function sendLines(
  room: Room,
  run: Run,
  query: URLSearchParams,
  response: Response,
): Promise<void> {
  refuseArchived(run);
  const from = lineNumber(query, 'from');
  const to = Math.min(lineNumber(query, 'to'), from + mostLines - 1);
  const follower = room.logs.follow(run.id, from, () => {});
  const blocks: LogBlock[] = [];
  let bytes = 0;
  let first = from;
  let last = from - 1;
  try {
    while (last < to && bytes < mostBytes) {
      const item = await follower.take();
      if (!item || item.first > to || (item.kind === 'gap' && bytes > 0)) break;
      if (item.kind === 'gap') {
        first = item.last + 1;
        continue;
      }
      const piece = cut(item, item.first, Math.min(to, item.last));
      blocks.push(...blocksOf(piece));
      bytes += piece.text.length;
      last = piece.last;
    }
  } finally {
    follower.close();
  }
  response.json({ first, last: Math.max(last, first - 1), blocks });
}

/** A run that was not started yet has an empty log. */
async function sendLogText(response: Response, text: LogText | undefined): Promise<void> {
  response.type('text/plain').set('Content-Length', String(text?.bytes ?? 0));
  if (!text || response.req.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await sendText(text, response);
    response.end();
  } catch {
    // The length was promised: a torn answer must not look whole.
    response.destroy();
  }
}

function refuse(response: Response, status: number, sentence: string): void {
  response.status(status).type('text/plain').send(sentence);
}

function refuseArchived(run: Run): void {
  if (run.archivedAt !== null) throw new Problem('archived', 'job is archived, no log file available');
}

function lineNumber(query: URLSearchParams, field: string): number {
  const text = query.get(field) ?? '';
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new Problem('bad_request', `${field} must be a line number from 1`, { field });
  return number;
}
