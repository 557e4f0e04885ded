import { unreadable } from './refusal.ts';

/** Levels of brackets of a name. */
const mostLevels = 100;

/** What a form or a query says: texts, and what brackets in names make of them. Without a prototype. */
export interface Nested {
  [name: string]: string | Nested | (string | Nested)[];
}

/**
 * The values of a form or query by their names, of several with one name the last. `a[b]=1` is a member b of a, `a[]=1`
 * one more item of it. Throws a Refusal where one name is said to be both.
 */
export function nestedValues(pairs: Iterable<[name: string, value: string]>): Nested {
  const values = nothing();
  for (const [name, value] of pairs) put(values, partsOf(name), value);
  return values;
}

/** `a[b][]` is a, b, "". A name whose brackets do not fit together is taken as it is. */
function partsOf(name: string): string[] {
  const brackets = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name);
  const [, first = '', rest = ''] = brackets ?? [];
  if (!brackets) return [name];
  const parts = [first, ...rest.slice(1, -1).split('][')];
  if (parts.length > mostLevels) throw unreadable();
  return parts;
}

function put(values: Nested, parts: readonly string[], value: string): void {
  const [name = '', next, ...rest] = parts;
  if (next === undefined) {
    values[name] = value;
    return;
  }
  if (next === '') {
    const items = (values[name] ??= []);
    if (!Array.isArray(items)) throw unreadable();
    items.push(rest.length === 0 ? value : putAll(rest, value));
    return;
  }
  const members = (values[name] ??= nothing());
  if (typeof members === 'string' || Array.isArray(members)) throw unreadable();
  put(members, [next, ...rest], value);
}

function putAll(parts: readonly string[], value: string): Nested {
  const values = nothing();
  put(values, parts, value);
  return values;
}

function nothing(): Nested {
  return Object.create(null) as Nested;
}
