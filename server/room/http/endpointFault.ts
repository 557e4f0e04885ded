import type { Fault, RunReason } from '../../words/reasons.ts';

/** Why an endpoint did not do what it was asked for. */
export class EndpointFault extends Error implements Fault {
  readonly reason: RunReason;

  constructor(reason: RunReason, sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = 'EndpointFault';
    this.reason = reason;
  }
}

/** What an error of the connection means. */
export function asEndpointFault(error: unknown): EndpointFault {
  if (error instanceof EndpointFault) return error;
  if (isUnsendable(error))
    return new EndpointFault('endpoint_rejected', `the request cannot be sent: ${sentenceOf(error)}`, error);
  return new EndpointFault('endpoint_unreachable', `endpoint gave no answer: ${sentenceOf(error)}`, error);
}

/** A header or a path that no request can have. */
function isUnsendable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_INVALID_ARG';
}

/** The one error of several addresses of a name says nothing itself. */
function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return sentenceOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
