import type { Run } from '../words/run.ts';
import { Problem } from '../words/problems.ts';

export interface WebhookOptions {
  /** What the sender proves to know. */
  secret: string | undefined;
  /** Without a secret nothing is taken: the server listens where others can reach it. */
  mustSign: boolean;
  /** The answer that shows a run as a job. */
  present: (run: Run) => object;
}

/** The secret to check a sender by; undefined where everybody on this machine is believed. `variable` would set it. */
export function secretOf({ secret, mustSign }: WebhookOptions, variable: string): string | undefined {
  if (secret === undefined && mustSign)
    throw new Problem('forbidden', `set ${variable}: unsigned webhooks are not taken here`);
  return secret;
}
