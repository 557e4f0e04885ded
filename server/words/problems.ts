/** Every way in which a request is refused: its HTTP status, and what the words of a body are worth to a client. */
export const problemStatus = {
  bad_json: 400,
  bad_request: 400,
  validation_error: 400,
  job_disabled: 400,
  bad_signature: 401,
  unauthorized: 401,
  forbidden: 403,
  cross_site: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  field_missing: 412,
  field_invalid: 412,
  archived: 412,
  gone: 410,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_encoding: 415,
  build_failed: 417,
  wrong_host: 421,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  insufficient_storage: 507,
} as const;

export type ProblemCode = keyof typeof problemStatus;

export interface ProblemDetails {
  field?: string;
  details?: readonly string[];
  retryAfterSecs?: number;
  limit?: number;
  cause?: unknown;
}

/** A refusal with one sentence for the client: what is wrong, and what to do about it. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** The field of the request that is meant, where there is one. */
  readonly field: string | undefined;
  /** One sentence for each of several mistakes. */
  readonly details: readonly string[] | undefined;
  /** Seconds after which it may be tried again. */
  readonly retryAfterSecs: number | undefined;
  /** How much of it is allowed in a minute, where all of that is used up. */
  readonly limit: number | undefined;

  constructor(code: ProblemCode, sentence: string, details: ProblemDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.field = details.field;
    this.details = details.details;
    this.retryAfterSecs = details.retryAfterSecs;
    this.limit = details.limit;
  }

  get status(): number {
    return problemStatus[this.code];
  }
}
