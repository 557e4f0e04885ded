import type { Job } from '../../words/job.ts';
import type { Run, RunRequest, Trigger } from '../../words/run.ts';

/** What a door asks for. */
export interface Submission {
  /** By id; or by name, as an image job that is made on first use. */
  job: { id: string } | { project: string; slug: string };
  trigger: Trigger;
  /** Of an image job; the job's own where it says nothing. */
  ref?: string;
  /** The queue that it waits in; the job's own where it says nothing. */
  queue?: string;
  request?: RunRequest;
  /** Any JSON value, and the text that it came as. Absent where the door knows no payload. */
  payload?: { value: unknown; text: string };
  /** 0 to 10; 0 where it says nothing. */
  priority?: number;
  /** Milliseconds since 1970. */
  scheduledAt?: number;
  ttlSecs?: number;
  idempotencyKey?: string;
  concurrencyKey?: string;
  debounceKey?: string;
  tags?: Record<string, string>;
  metadata?: Record<string, string>;
  batchId?: string;
  createdBy?: string;
  /** The run that this one is a replay or a retry of. */
  parent?: Run;
  /** Lets git read the repository; kept sealed until the run's end. */
  token?: string;
  /** Names a webhook delivery: the same one twice makes one run. */
  delivery?: { source: string; id: string };
}

/** Of an image job by its name. */
export type NamedSubmission = Submission & { job: { project: string; slug: string } };

export interface Submitted {
  /**
   * created: the run is new. repeated: the delivery was seen before. idempotent: a run with this key has not ended.
   * duplicate: the same payload came within the dedup window. debounced: a delayed run took the payload over, or was
   * made to wait for more. In all but the first `run` may be an older one.
   */
  outcome: 'created' | 'repeated' | 'idempotent' | 'duplicate' | 'debounced';
  run: Run;
  job: Job;
}

/** What would happen, for a dry run. */
export interface Preview {
  job: Job;
  payloadText: string;
  payloadHash: string;
  state: Run['state'];
  scheduledAt: number | undefined;
  expiresAt: number | undefined;
}
