import { createRedactor } from '../../../builder/model/redact.ts';
import type { Fault } from '../../words/reasons.ts';
import type { ExecutionTrace } from '../../words/run.ts';
import { asOutput } from '../output.ts';
import { EndpointFault } from './endpointFault.ts';
import { type Answer, isSuccess, type Timing } from './exchange.ts';

const longestExcerpt = 1000;

/** The JSON text that a run gives back: the body, or the body as a JSON string; nothing of nothing. */
export function outputOf({ body }: Pick<Answer, 'body'>): string | undefined {
  const text = body.toString('utf8');
  return text.trim() === '' ? undefined : asOutput(text);
}

/** Why an answer is none that an attempt can end well with; undefined where it is. */
export function faultOfAnswer(
  { status, body }: Answer,
  secrets: readonly string[],
): EndpointFault | undefined {
  if (isSuccess(status)) return undefined;
  const excerpt = excerptOf(body, secrets);
  return new EndpointFault(
    reasonOf(status),
    `endpoint returned ${status}${excerpt === '' ? '' : `: ${excerpt}`}`,
  );
}

function reasonOf(status: number): Fault['reason'] {
  if (status === 429) return 'endpoint_busy';
  if (status === 401 || status === 403) return 'endpoint_denied';
  return status >= 500 ? 'endpoint_failed' : 'endpoint_rejected';
}

function excerptOf(body: Buffer, secrets: readonly string[]): string {
  const text = createRedactor(secrets)(body.toString('utf8'));
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longestExcerpt)
    .toWellFormed();
}

/** How long an attempt took, in whole milliseconds; whatever took any time at all took at least one. */
export function traceOf(
  { connectMs, ttfbMs, transferMs }: Timing,
  waited: { queueMs: number; dequeueMs: number; totalMs: number },
): ExecutionTrace {
  const [connect, ttfb, transfer] = [whole(connectMs), whole(ttfbMs), whole(transferMs)];
  const [dequeueMs, dispatchMs] = [whole(waited.dequeueMs), connect + ttfb + transfer];
  return {
    queueWaitMs: whole(waited.queueMs),
    dequeueMs,
    connectMs: connect,
    ttfbMs: ttfb,
    transferMs: transfer,
    dispatchMs,
    totalMs: Math.max(whole(waited.totalMs), dequeueMs + dispatchMs),
  };
}

function whole(ms: number): number {
  return ms <= 0 ? 0 : Math.max(1, Math.round(ms));
}
