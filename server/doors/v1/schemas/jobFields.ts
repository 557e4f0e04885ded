import { z } from 'zod';
import { overlapPolicies, retryStrategies, supersedePolicies, versionPolicies } from '../../../words/job.ts';
import { cronProblem, isTimezone } from '../../../words/cron.ts';
import { schemaProblem } from '../../../words/payloadSchema.ts';
import { isPlain } from '../project.ts';

const mostTags = 20;
const mostInt = 2_147_483_647;

/** A whole number from 0; 0 is off, or the usual. */
export function count(most = mostInt) {
  return z.int().min(0).max(most);
}

/** A text of at most so many bytes. */
export function shortText(field: string, mostBytes: number) {
  return z
    .string()
    .refine((text) => Buffer.byteLength(text) <= mostBytes, `${field} too long`)
    .refine(isPlain, `${field} must not contain characters of control`)
    .meta({ maxLength: mostBytes });
}

/** A text that names something, and must be there. */
export function nameText(field: string, mostBytes: number) {
  return shortText(field, mostBytes).refine((text) => text !== '', `${field} is required`);
}

export function httpUrl(field: string) {
  return z
    .string()
    .max(2048, `invalid ${field}: it is longer than 2048 characters`)
    .refine((url) => url === '' || /^https?:\/\/[^/?#]/i.test(url), {
      error: `invalid ${field}: it is not an absolute http or https URL`,
    });
}

export function cronText(field: string) {
  return z
    .string()
    .refine((text) => text === '' || cronProblem(text) === undefined, `invalid ${field} expression`);
}

export const timezone = z.string().refine((name) => name === '' || isTimezone(name), 'invalid timezone');

export const tags = z
  .record(z.string(), z.string())
  .superRefine((given, context) => {
    for (const problem of tagProblems(given)) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ maxProperties: mostTags });

function* tagProblems(given: Record<string, string>): Generator<string> {
  const entries = Object.entries(given);
  if (entries.length > mostTags) yield `too many tags (max ${mostTags})`;
  if (entries.some(([key]) => key === '')) yield 'tag keys must be non-empty';
  if (entries.some(([key]) => Array.from(key).length > 64)) yield 'tag key too long (max 64 characters)';
  if (entries.some(([, value]) => Array.from(value).length > 256))
    yield 'tag value too long (max 256 characters)';
  if (!entries.flat().every(isPlain)) yield 'tags must not contain characters of control';
}

export const metadata = z
  .record(z.string(), z.string())
  .refine((given) => Object.keys(given).length <= 100, 'too many metadata keys (max 100)');

export const payloadSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  const problem = schemaProblem(schema);
  if (problem !== undefined)
    context.addIssue({ code: 'custom', message: `invalid payload_schema: ${problem}` });
});

export const retryStrategy = z.enum(retryStrategies);
export const overlapPolicy = z.enum(overlapPolicies);
export const supersedePolicy = z.enum(supersedePolicies);
export const versionPolicy = z.enum(versionPolicies);

export const retryDelays = z
  .array(
    z.number().refine((secs) => Number.isSafeInteger(secs) && secs > 0, {
      error: 'retry_delays_secs values must be positive',
    }),
  )
  .max(100);

export const rateLimitKeys = z
  .array(
    z.object({
      name: nameText('rate_limit_keys name', 128).meta({
        description: 'Jobs of the project that name the same one share it.',
      }),
      max: z.int().min(1).max(mostInt).meta({ description: 'Starts in any window.' }),
      window_secs: z.int().min(1).max(mostInt),
    }),
  )
  .max(20);

/** What secrets are shown as; sent back it keeps the one that is there. */
export const hidden = '********';

export const secret = z.string().max(4096);
