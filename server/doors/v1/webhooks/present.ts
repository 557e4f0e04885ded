import type { Notification, NotificationSummary, NotificationTry } from '../../../store/contract/outbox.ts';

/** A notification as a delivery of a webhook. */
export function deliveryJson(one: NotificationSummary): Record<string, unknown> {
  return {
    id: one.id,
    run_id: one.runId,
    job_id: one.jobId,
    project_id: one.project,
    event_type: one.event,
    webhook_url: one.url,
    status: one.state,
    attempts: one.tries,
    max_attempts: one.maxTries,
    ...(one.nextAt !== null && { next_retry_at: time(one.nextAt) }),
    ...(one.lastStatus !== null && { last_status_code: one.lastStatus }),
    ...(one.lastError !== null && { last_error: one.lastError }),
    created_at: time(one.createdAt),
    ...(one.deliveredAt !== null && { delivered_at: time(one.deliveredAt) }),
  };
}

/** The same with what is sent and every try. */
export function deliveryDetailJson(
  one: Notification,
  tries: readonly NotificationTry[],
): Record<string, unknown> {
  return { ...deliveryJson(one), payload: JSON.parse(one.body), tries: tries.map(tryJson) };
}

function tryJson({ number, status, error, tookMs, createdAt }: NotificationTry): object {
  return {
    attempt: number,
    ...(status !== null && { status_code: status }),
    ...(error !== null && { error }),
    duration_ms: tookMs,
    created_at: time(createdAt),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
