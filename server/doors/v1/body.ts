import type { Request } from 'express';
import type { z } from 'zod';
import { bodyOf } from '../../http/body.ts';
import { Problem } from '../../words/problems.ts';
import { sentenceOf } from './sentences.ts';

/** The JSON of a request, whatever its Content-Type says; undefined where there is no body. 400 where it is no JSON. */
export function bodyValue(request: Request): unknown {
  const body = bodyOf(request);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Problem('bad_json', 'invalid request body', { cause: error });
  }
}

/** The same as an object; an absent body is refused too. */
export function bodyObject(request: Request): Record<string, unknown> {
  return objectOf(bodyValue(request));
}

export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('bad_json', 'invalid request body');
  // A field that is null says nothing.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

/** A value in the shape of a schema. `others` are mistakes that the schema cannot see. */
export function checked<S extends z.ZodType>(
  schema: S,
  value: unknown,
  others: readonly string[] = [],
): z.output<S> {
  const read = schema.safeParse(value, { error: sentenceOf });
  const mistakes = [...others, ...(read.error?.issues ?? []).map(({ message }) => message)];
  if (read.success && mistakes.length === 0) return read.data;
  throw mistaken(mistakes);
}

/** A single mistake speaks for itself; several are listed. */
export function mistaken(mistakes: readonly string[]): Problem {
  const details = [...new Set(mistakes)];
  const [only = 'validation failed'] = details;
  return new Problem('validation_error', details.length === 1 ? only : 'validation failed', { details });
}
