import { hash } from 'node:crypto';
import { mostLevels } from './depth.ts';
import { Problem } from './problems.ts';

/**
 * A JSON value as the one text that all equal values have: keys sorted, nothing between the parts.
 *
 * @throws Problem `validation_error` where it is nested too deeply, or has a number that became infinite when it was read
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0);
}

/** SHA-256 of a canonical text, hex. */
export function payloadHashOf(canonical: string): string {
  return hash('sha256', canonical);
}

function textOf(value: unknown, level: number): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Problem('validation_error', 'a number is too large (max 1.7976931348623157e+308)');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (level === mostLevels)
    throw new Problem('validation_error', `a value is nested too deeply (max ${mostLevels} levels)`);
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, level + 1)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${textOf(member, level + 1)}`);
  return `{${members.join(',')}}`;
}
