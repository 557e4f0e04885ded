import { faultKinds, type Reason } from '../../builder/model/faults.ts';

interface ReasonKind {
  /** Whether trying again can help. */
  retryable: boolean;
  /** What it means and what to do about it. */
  meaning: string;
}

/** Why a run can end other than by a build: what happens to it in the queue, and what an endpoint does. */
const ownKinds = {
  superseded: { retryable: false, meaning: 'A newer run of the same key took its place.' },
  expired: {
    retryable: false,
    meaning: 'It did not start in time. Raise run_ttl_secs, or the limits that made it wait.',
  },
  dependency_unmet: {
    retryable: false,
    meaning: 'A run that it waited for ended in another way than the dependency asks for.',
  },
  endpoint_refused: {
    retryable: false,
    meaning:
      'The address of the endpoint is not allowed: a private network, another port, or a redirect to one. DOCKER_BUILDER_ALLOW_PRIVATE=1 allows your own network.',
  },
  endpoint_unreachable: {
    retryable: true,
    meaning: 'The endpoint could not be reached, or cut the connection. It is tried again.',
  },
  endpoint_timeout: {
    retryable: true,
    meaning: 'The endpoint did not answer within timeout_secs. It is tried again.',
  },
  endpoint_busy: { retryable: true, meaning: 'The endpoint answered 429. It is tried again.' },
  endpoint_failed: { retryable: true, meaning: 'The endpoint answered 5xx. It is tried again.' },
  endpoint_denied: { retryable: false, meaning: 'The endpoint answered 401 or 403.' },
  endpoint_rejected: {
    retryable: false,
    meaning: 'The endpoint answered neither 2xx nor 401, 403, 429 or 5xx: the request does not fit it.',
  },
  endpoint_output: {
    retryable: false,
    meaning: 'The answer of the endpoint is longer than 1 MiB or broke off.',
  },
  endpoint_reported: { retryable: false, meaning: 'The endpoint said itself that the run failed.' },
  endpoint_silent: {
    retryable: true,
    meaning: 'The endpoint had said that it is alive, and then said nothing for too long.',
  },
} as const satisfies Record<string, ReasonKind>;

/** Every reason that a run or an attempt can end for. `docs/reasons.md` lists the same, a test keeps them equal. */
export const reasonKinds = { ...faultKinds, ...ownKinds };

export type RunReason = Reason | keyof typeof ownKinds;

/** Why an attempt failed, as its worker says it. A BuildFault is one. */
export interface Fault {
  readonly reason: RunReason;
  /** A sentence for a person. */
  readonly message: string;
  readonly exitCode?: number | undefined;
}
