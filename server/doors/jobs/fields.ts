import { Problem } from '../../words/problems.ts';

export type Fields = Record<string, unknown>;

/** A text that must be there and not be empty: 412 without it, 400 where it is no text. */
export function requiredText(fields: Fields, field: string): string {
  const value = optionalText(fields, field);
  if (value === undefined)
    throw new Problem('field_missing', `${field} is missing or empty: it is required`, { field });
  return value;
}

/** A text, or undefined where it is absent, null or empty. */
export function optionalText(fields: Fields, field: string): string | undefined {
  const value = fields[field] ?? '';
  if (typeof value !== 'string') throw new Problem('bad_request', `${field} must be a string`, { field });
  return value === '' ? undefined : value;
}

/** The same, but 412 where it is longer than `most` characters or is not made of plain ones. */
export function plainText(fields: Fields, field: string, most: number): string | undefined {
  const text = optionalText(fields, field);
  if (text !== undefined && (text.length > most || /\p{Cc}/u.test(text) || !text.isWellFormed()))
    throw new Problem('field_invalid', `${field} must have at most ${most} characters and none of control`, {
      field,
    });
  return text;
}

export function flag(fields: Fields, field: string): boolean {
  const value = fields[field] ?? false;
  if (typeof value !== 'boolean')
    throw new Problem('bad_request', `${field} must be true or false`, { field });
  return value;
}

/** A whole number from 1, written as a number or as text. */
export function optionalCount(fields: Fields, field: string): number | undefined {
  const value = fields[field] ?? '';
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new Problem('bad_request', `${field} must be a number`, { field });
  if (value === '') return undefined;
  const count = /^\d{1,9}$/.test(String(value)) ? Number(value) : 0;
  if (count < 1) throw new Problem('field_invalid', `${field} must be a whole number from 1`, { field });
  return count;
}
