import type { Request } from 'express';
import type { Submission } from '../../../room/submit/submission.ts';
import type { Job } from '../../../words/job.ts';
import { authorOf, type Identity } from '../../../words/scopes.ts';
import type { TriggerBody } from '../schemas/runRequests.ts';
import { given } from '../../../../builder/model/given.ts';

const emptyPayload = { value: {}, text: '{}' };
/** What a header of a trace may be. */
const traceShape = /^[\x21-\x7e][\x20-\x7e]{0,511}$/;

/** What a request asks of one run. `payloadText` is the payload as it was sent. */
export function submissionOf(
  job: Job,
  body: Omit<TriggerBody, 'dry_run'>,
  payloadText: string | undefined,
  identity: Identity,
): Submission {
  const { payload, scheduled_at, metadata, priority, tags } = body;
  return {
    job: { id: job.id },
    trigger: 'api',
    payload:
      payload == null || payloadText === undefined ? emptyPayload : { value: payload, text: payloadText },
    ...given({
      priority,
      tags,
      metadata,
      scheduledAt: scheduled_at === undefined ? undefined : Date.parse(scheduled_at),
      // 0 is the same as absent, and so is an empty key.
      ttlSecs: body.ttl_secs || undefined,
      idempotencyKey: body.idempotency_key || undefined,
      concurrencyKey: body.concurrency_key || undefined,
      debounceKey: body.debounce_key || undefined,
      createdBy: authorOf(identity) ?? undefined,
    }),
  };
}

/** The trace that the caller is in, as metadata: it is told to the endpoint. */
export function traceOf(request: Request): Record<string, string> {
  const named = ['traceparent', 'tracestate'].map((name) => [name, request.get(name) ?? ''] as const);
  return Object.fromEntries(named.filter(([, value]) => traceShape.test(value)));
}
