import type { Request, Response } from 'express';
import { queryOf } from '../../http/route.ts';
import { Problem } from '../../words/problems.ts';

const usualLimit = 50;
const mostOnPage = 100;
/** What a list holds at most that nobody asked to have in pages. */
const mostInArray = 1000;
/** No row has a higher number. */
const mostNumber = 2_147_483_647;

/** Which part of a list was asked for. */
export interface Paging {
  limit: number;
  /** Only what was made before this time, in milliseconds since 1970. */
  createdBefore?: number;
  /** Only what stands behind the one with this number: its key, or for versions its number. */
  beforeNumber?: number;
  /** Whether the answer is the envelope of a page; a bare array else. */
  inPages: boolean;
}

/** A date and time with a zone; behind the milliseconds may stand the ten digits of a number. */
const cursorShape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?(Z|[+-]\d\d:\d\d)$/i;
const numberedShape = /\.\d{3}(\d{10})Z$/;

export function pagingOf(query: URLSearchParams): Paging {
  const [limit, cursor] = [query.get('limit'), query.get('cursor')];
  return {
    limit: limit === null ? (cursor === null ? mostInArray : usualLimit) : limitOf(limit),
    ...(cursor !== null && cursor !== '' && positionOf(cursor)),
    inPages: limit !== null || cursor !== null,
  };
}

function limitOf(text: string): number {
  const limit = /^\+?\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new Problem('bad_request', 'limit must be a positive integer', { field: 'limit' });
  return Math.min(limit, mostOnPage);
}

function positionOf(cursor: string): Pick<Paging, 'createdBefore' | 'beforeNumber'> {
  // A plus sign of a zone arrives as a space where nobody escaped it.
  const [whole, day, fraction = '0', zone] = cursorShape.exec(cursor.replace(' ', '+')) ?? [];
  const time = whole === undefined ? NaN : Date.parse(`${day}.${fraction.padEnd(3, '0')}${zone}`);
  if (Number.isNaN(time))
    throw new Problem('bad_request', 'cursor must be a valid RFC3339 timestamp', { field: 'cursor' });
  const number = numberedShape.exec(cursor)?.[1];
  return number === undefined
    ? { createdBefore: time }
    : { beforeNumber: Math.min(Number(number), mostNumber) };
}

/**
 * The place of an item as a cursor: a time of RFC 3339 whose digits behind the milliseconds hold its number, so that no
 * page loses one of two that were made in the same millisecond.
 */
export function cursorOf(createdAt: number, number: number): string {
  return new Date(createdAt).toISOString().replace('Z', `${String(number).padStart(10, '0')}Z`);
}

/**
 * Sends a list. `found` was read with a limit that is one above the paging's; `place` is the cursor of an item, `goOn`
 * that of a search which stopped before it had found as many. A bare array that is not all says in Link how to read on.
 */
export function sendPage<T>(
  request: Request,
  response: Response,
  { limit, inPages }: Paging,
  found: readonly T[],
  {
    present,
    place,
    goOn,
  }: { present: (item: T) => object; place: (item: T) => string; goOn?: string | undefined },
): void {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = found.length > limit && last !== undefined ? place(last) : goOn;
  const data = shown.map((item) => present(item));
  if (inPages) {
    response.json({ data, has_more: next !== undefined, ...(next !== undefined && { next_cursor: next }) });
    return;
  }
  if (next !== undefined) response.set('Link', nextLink(request, next));
  response.json(data);
}

function nextLink(request: Request, cursor: string): string {
  const query = queryOf(request);
  query.set('cursor', cursor);
  return `<${request.path}?${query.toString()}>; rel="next"`;
}
