import type { Request } from 'express';
import { z } from 'zod';
import { Problem } from '../words/problems.ts';
import { queryOf } from './route.ts';

const mostWaitSecs = 60;

/** What takes a time to wait in its query. */
export const waitQuery = z
  .object({
    wait: z.int().min(0).max(mostWaitSecs).meta({ description: 'Seconds to wait until it is idle.' }),
  })
  .partial();

/** Milliseconds that `?wait=` asks for. Throws a Problem where that is no time, or too long. */
export function waitMsOf(request: Request): number {
  const text = queryOf(request).get('wait') ?? '0';
  const secs = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  if (secs > mostWaitSecs)
    throw new Problem('bad_request', `wait must be a whole number of seconds, at most ${mostWaitSecs}`, {
      field: 'wait',
    });
  return secs * 1000;
}
