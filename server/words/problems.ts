/** Every way in which a request is refused: its HTTP status, and what the words of a body are worth to a client. */
export const problemStatus = {
  bad_json: 400,
  bad_request: 400,
  bad_signature: 401,
  unauthorized: 401,
  forbidden: 403,
  cross_site: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  field_missing: 412,
  field_invalid: 412,
  archived: 412,
  payload_too_large: 413,
  unsupported_encoding: 415,
  build_failed: 417,
  wrong_host: 421,
  internal: 500,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof problemStatus;

/** A refusal with one sentence for the client: what is wrong, and what to do about it. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** The field of the request that is meant, where there is one. */
  readonly field: string | undefined;

  constructor(code: ProblemCode, sentence: string, details: { field?: string; cause?: unknown } = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.field = details.field;
  }

  get status(): number {
    return problemStatus[this.code];
  }
}
