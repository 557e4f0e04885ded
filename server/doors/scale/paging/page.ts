import { invalidPage } from '../problems.ts';
import { integerOf, lastOf } from '../query/values.ts';

const usualSize = 100;
const mostSize = 1000;

/** Which part of a list is asked for. */
export interface Page {
  /** From 1. */
  number: number;
  /** How many there are; one at least. */
  of: number;
  offset: number;
  limit: number;
}

/**
 * The page of a list of `count` that `page` and `page_size` ask for. A size that is none is the usual one. Throws a
 * Problem (404) where there is no such page; there always is a first one.
 */
export function pageOf(query: URLSearchParams, count: number): Page {
  const limit = sizeOf(lastOf(query, 'page_size') ?? '');
  const of = Math.max(1, Math.ceil(count / limit));
  const asked = lastOf(query, 'page') ?? '1';
  const number = asked === 'last' ? of : (integerOf(asked) ?? 0);
  if (number < 1 || number > of) throw invalidPage();
  return { number, of, offset: (number - 1) * limit, limit };
}

function sizeOf(text: string): number {
  const size = integerOf(text) ?? 0;
  return size < 1 ? usualSize : Math.min(size, mostSize);
}
