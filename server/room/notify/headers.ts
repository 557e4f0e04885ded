import { createHmac } from 'node:crypto';
import type { Notification } from '../../store/contract/outbox.ts';

/** The headers of the next try. `secret` signs; null where the job has none. `now` in milliseconds. */
export function notificationHeaders(
  { id, runId, jobId, tries, maxTries, body }: Notification,
  secret: string | null,
  now: number,
): Record<string, string> {
  const number = tries + 1;
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'docker-builder',
    'X-Run-ID': runId,
    'X-Job-ID': jobId,
    'X-Strait-Delivery-ID': id,
    'X-Strait-Attempt': `${number}/${maxTries}`,
    'X-Strait-Idempotency-Key': `${id}:${number}`,
    ...(secret !== null && signed(secret, body, now)),
  };
}

function signed(secret: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
  return {
    'X-Strait-Timestamp': timestamp,
    'X-Strait-Signature': signature,
    // The same under the name that older receivers look for.
    'X-Webhook-Signature': signature,
  };
}
