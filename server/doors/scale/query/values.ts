import { mostNumber } from '../answer.ts';
import { badRequest } from '../problems.ts';

/** What counts of a parameter that may be there several times, where it means one value: the last one. */
export function lastOf(query: URLSearchParams, name: string): string | undefined {
  return query.getAll(name).at(-1);
}

/** Every value of a list; undefined where the parameter is not there at all. */
export function textsOf(query: URLSearchParams, name: string): string[] | undefined {
  return query.has(name) ? [...new Set(query.getAll(name))] : undefined;
}

/** The values that say something: a blank one is as good as none. */
export function filledOf(query: URLSearchParams, name: string): string[] | undefined {
  const filled = query.getAll(name).filter((text) => text !== '');
  return filled.length === 0 ? undefined : [...new Set(filled)];
}

/**
 * The numbers of a list of ids. What no id can be is left out, so that the list may be empty: then nothing has such an
 * id. Undefined where the parameter is not there. Throws a Problem (400) where one is no integer.
 */
export function idsOf(query: URLSearchParams, name: string): number[] | undefined {
  const ids = textsOf(query, name)?.map((text) => {
    const id = integerOf(text);
    if (id === undefined) throw badRequest(`Parameter must be a valid integer: "${name}"`);
    return id;
  });
  return ids?.filter((id) => id >= 1 && id <= mostNumber);
}

/** An integer with or without a sign and blanks around it; undefined where the text is none. */
export function integerOf(text: string): number | undefined {
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}
