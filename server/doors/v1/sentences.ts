import type { z } from 'zod';
import { shown } from '../../../builder/model/shown.ts';

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** What is wrong with a field, for schemas that have no sentence of their own. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string {
  const field = fieldOf(issue.path ?? []);
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `${field} is required`
        : `${field} must be ${kindOf(issue.expected)}`;
    case 'too_small':
      return `${field} must ${amount('at least', issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${field} must ${amount('at most', issue.origin, issue.maximum)}`;
    case 'invalid_value':
      return issue.input === undefined
        ? `${field} is required`
        : `${field} must be one of: ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `${field} has no field ${issue.keys.map((key) => shown(key)).join(', ')}`;
    default:
      return `${field} is not valid`;
  }
}

function kindOf(expected: string): string {
  return kinds[expected] ?? `of type ${expected}`;
}

function amount(bound: 'at least' | 'at most', origin: string, count: number | bigint): string {
  if (origin === 'string') return `have ${bound} ${count} characters`;
  if (origin === 'array' || origin === 'object' || origin === 'record') return `have ${bound} ${count} items`;
  return `be ${bound} ${count}`;
}

/** `image.source.ref`, `retry_delays_secs[0]`. */
function fieldOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the body';
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '');
}
