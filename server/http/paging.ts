import type { Request, Response } from 'express';
import { queryOf } from './route.ts';
import { Problem } from '../words/problems.ts';

const usualLimit = 50;
const mostOnPage = 100;
/** What a list holds at most that nobody asked to have in pages. */
const mostInArray = 1000;
/** A list ends before it is longer than this, in bytes, unless its first item alone is. */
const mostBytes = 8 * 1024 * 1024;
/** Items that are read together where each may be large. */
const pieceSize = 50;
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

/** `cursorShould` says what a cursor must be, for whoever sent another; as the jobs API does where it is absent. */
export function pagingOf(query: URLSearchParams, cursorShould = 'a valid RFC3339 timestamp'): Paging {
  const [limit, cursor] = [query.get('limit'), query.get('cursor')];
  return {
    limit: limit === null ? (cursor === null ? mostInArray : usualLimit) : limitOf(limit),
    ...(cursor !== null && cursor !== '' && positionOf(cursor, cursorShould)),
    inPages: limit !== null || cursor !== null,
  };
}

function limitOf(text: string): number {
  const limit = /^\+?\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new Problem('bad_request', 'limit must be a positive integer', { field: 'limit' });
  return Math.min(limit, mostOnPage);
}

function positionOf(cursor: string, cursorShould: string): Pick<Paging, 'createdBefore' | 'beforeNumber'> {
  // A plus sign of a zone arrives as a space where nobody escaped it.
  const [whole, day, fraction = '0', zone] = cursorShape.exec(cursor.replace(' ', '+')) ?? [];
  const time = whole === undefined ? NaN : Date.parse(`${day}.${fraction.padEnd(3, '0')}${zone}`);
  if (Number.isNaN(time))
    throw new Problem('bad_request', `cursor must be ${cursorShould}`, { field: 'cursor' });
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

/** Reads up to `limit` items that may be large, some at a time: `read` gives those behind the last one. */
export async function* inPieces<T>(
  limit: number,
  read: (limit: number, last: T | undefined) => Promise<T[]>,
): AsyncGenerator<T> {
  let last: T | undefined;
  for (let left = limit; left > 0;) {
    const size = Math.min(left, pieceSize);
    const piece = await read(size, last);
    yield* piece;
    if (piece.length < size) return;
    left -= piece.length;
    last = piece.at(-1);
  }
}

/**
 * Sends a list. `found` was read with a limit that is one above the paging's; `place` is the cursor of an item, `goOn`
 * that of a search which stopped before it had found as many. A bare array that is not all says in Link how to read on.
 */
export async function sendPage<T>(
  request: Request,
  response: Response,
  { limit, inPages }: Paging,
  found: Iterable<T> | AsyncIterable<T>,
  {
    present,
    place,
    goOn,
  }: { present: (item: T) => object; place: (item: T) => string; goOn?: string | undefined },
): Promise<void> {
  const { texts, last, isCut } = await beginningOf(found, limit, present);
  const next = isCut && last !== undefined ? place(last) : goOn;
  const data = `[${texts.join(',')}]`;
  response.type('json');
  if (inPages) {
    const rest = JSON.stringify({ has_more: next !== undefined, next_cursor: next });
    response.send(`{"data":${data},${rest.slice(1)}`);
    return;
  }
  if (next !== undefined) response.set('Link', nextLink(request, next));
  response.send(data);
}

interface Beginning<T> {
  texts: string[];
  last: T | undefined;
  /** Whether there is more behind it. */
  isCut: boolean;
}

/** As much of a list as one answer may hold. */
async function beginningOf<T>(
  found: Iterable<T> | AsyncIterable<T>,
  limit: number,
  present: (item: T) => object,
): Promise<Beginning<T>> {
  const texts: string[] = [];
  let last: T | undefined;
  let bytes = 0;
  for await (const item of found) {
    if (texts.length === limit) return { texts, last, isCut: true };
    const text = JSON.stringify(present(item));
    bytes += Buffer.byteLength(text);
    if (bytes > mostBytes && texts.length > 0) return { texts, last, isCut: true };
    texts.push(text);
    last = item;
  }
  return { texts, last, isCut: false };
}

function nextLink(request: Request, cursor: string): string {
  const query = queryOf(request);
  query.set('cursor', cursor);
  return `<${request.path}?${query.toString()}>; rel="next"`;
}
