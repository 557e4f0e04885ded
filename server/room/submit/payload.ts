import { canonicalJson, payloadHashOf } from '../../words/canonical.ts';
import type { Job } from '../../words/job.ts';
import { payloadProblem } from '../../words/payloadSchema.ts';
import { Problem } from '../../words/problems.ts';
import type { Submission } from './submission.ts';
import { invalid } from './wish.ts';

const mostBytes = 5 * 1024 * 1024;

export interface Payload {
  value: unknown;
  /** As it was sent. */
  text: string;
  /** SHA-256 of its canonical form, hex. */
  hash: string;
}

/** The payload with its hash; undefined where the door knows none. Throws a Problem: payload_too_large. */
export function hashed(payload: Submission['payload']): Payload | undefined {
  if (!payload) return undefined;
  const { value, text } = payload;
  // No text has more than three bytes for each of its units: most need no counting.
  if (text.length * 3 > mostBytes && Buffer.byteLength(text) > mostBytes)
    throw new Problem('payload_too_large', `payload too large (max ${mostBytes} bytes)`, {
      field: 'payload',
    });
  return { value, text, hash: payloadHashOf(canonicalJson(value)) };
}

/** Refuses a payload that does not fit the job's schema: 400. */
export function checkPayload({ definition }: Pick<Job, 'definition'>, payload: Payload | undefined): void {
  if (!payload || !definition.payloadSchema) return;
  const problem = payloadProblem(definition.payloadSchema, payload.value);
  if (problem !== undefined) throw invalid('payload', `payload validation failed: ${problem}`);
}

/** A member of a payload that is an object, where it is a text. */
export function textIn(payload: Payload | undefined, name: string): string | undefined {
  const member = memberOf(payload, name);
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** A member of a payload that is an object; undefined where it has none of that name. */
export function memberOf(payload: Payload | undefined, name: string): unknown {
  const value: unknown = payload?.value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
