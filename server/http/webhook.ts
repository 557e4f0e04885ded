import type { Run } from '../words/run.ts';

export interface WebhookOptions {
  /** What the sender proves to know. */
  secret: string | undefined;
  /** Without a secret nothing is taken: the server listens where others can reach it. */
  mustSign: boolean;
  /** The answer that shows a run as a job. */
  present: (run: Run) => object;
}
