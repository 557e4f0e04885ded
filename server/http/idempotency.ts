import type { Request } from 'express';
import { z } from 'zod';

const key = z.string().max(256).optional();

/** The headers that may name a request, so that it makes one run however often it comes. */
export const idempotencyHeaders = z.object({
  'X-Idempotency-Key': key.meta({
    description: 'Goes before Idempotency-Key, and both before a field of the body.',
  }),
  'Idempotency-Key': key,
});

/** The key that a header gives a request. An empty one is none. */
export function idempotencyKeyIn(request: Request): string | undefined {
  return request.get('X-Idempotency-Key') || request.get('Idempotency-Key') || undefined;
}
