import type { Request } from 'express';
import type { Run } from '../words/run.ts';
import { Problem } from '../words/problems.ts';

export interface WebhookOptions {
  /** What the sender proves to know. */
  secret: string | undefined;
  /** Without a secret nothing is taken: the server listens where others can reach it. */
  mustSign: boolean;
  /** Throws a Problem where somebody's browser sends what a foreign page made; asked where there is no secret. */
  refuseForeign: (request: Request) => void;
  /** The answer that shows a run as a job. */
  present: (run: Run) => object;
}

/**
 * The secret to check a sender by; undefined where everybody on this machine is believed, but no page in a browser.
 * `variable` would set it.
 */
export function secretOf(
  { secret, mustSign, refuseForeign }: WebhookOptions,
  request: Request,
  variable: string,
): string | undefined {
  if (secret !== undefined) return secret;
  if (mustSign) throw new Problem('forbidden', `set ${variable}: unsigned webhooks are not taken here`);
  refuseForeign(request);
  return undefined;
}
