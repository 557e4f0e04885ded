import { Problem } from '../../words/problems.ts';

/** Where a reader begins: at a line, or with the newest so many lines. */
export type Start = { from: number } | { last: number };

const usualLines = 100;

/**
 * `?from=` and `?n=` of a request. An event stream that was cut says in Last-Event-ID which line it got last: that
 * wins, because the browser asks again with the old address.
 */
export function startOf(query: URLSearchParams, lastEventId?: string): Start {
  if (lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId)) return { from: Number(lastEventId) + 1 };
  const from = positive(query, 'from');
  if (from !== undefined) return { from };
  return { last: positive(query, 'n') ?? usualLines };
}

/** Number of the first line to read, in a log of `lines` lines. */
export function firstOf(start: Start, lines: number): number {
  return 'from' in start ? start.from : Math.max(1, lines - start.last + 1);
}

function positive(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name) ?? '';
  if (value === '') return undefined;
  if (!/^[+-]?\d{1,15}$/.test(value))
    throw new Problem('bad_request', `${value.slice(0, 100)} is not a valid number`, { field: name });
  if (Number(value) <= 0) throw new Problem('field_invalid', `${name} must be positive`, { field: name });
  return Number(value);
}
