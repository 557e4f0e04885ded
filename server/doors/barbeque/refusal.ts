import { Problem, type ProblemCode } from '../../words/problems.ts';

/** A refusal whose body this interface has words of its own for. */
export class Refusal extends Problem {
  readonly body: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, sentence: string, body: Readonly<Record<string, unknown>>) {
    super(code, sentence);
    this.body = body;
  }
}

/** `what` is the type that a parameter has to be of, as this interface calls it. */
export function invalidParameter(name: string, what: string): Refusal {
  return coded('validation_error', 400, 'invalid_parameter', `params[:${name}] must be a valid ${what}`);
}

export function notFound(sentence: string): Refusal {
  return coded('not_found', 404, 'record_not_found', sentence);
}

export function noSuchExecution(): Refusal {
  return notFound("Couldn't find Barbeque::JobExecution");
}

/** A path or a method that nothing is at. */
export class Unrouted extends Refusal {
  constructor() {
    super('not_found', 'Not Found', { status: 404, error: 'Not Found' });
  }
}

/** A body that nothing can be read from. */
export function unreadable(): Refusal {
  return new Refusal('bad_request', 'Bad Request', { status: 400, error: 'Bad Request' });
}

export function plainError(sentence: string): Refusal {
  return new Refusal('bad_request', sentence, { error: sentence });
}

export function invalidFields(): Refusal {
  const error = 'Invalid query in ?fields=';
  return new Refusal('bad_request', error, { status_code: 400, error });
}

/** Any refusal in the words of this interface; where it has none, in those that all others are told. */
export function refusalOf(problem: Problem): Refusal {
  if (problem instanceof Refusal) return problem;
  const { status, code, message } = problem;
  switch (code) {
    case 'method_not_allowed':
      return new Unrouted();
    case 'unavailable':
      return new Refusal(code, message, { message });
    case 'validation_error':
    case 'job_disabled':
    case 'field_invalid':
      return coded('validation_error', 400, 'invalid_parameter', message);
    default:
      return new Refusal(code, message, { status_code: status, error_code: code, message, error: message });
  }
}

function coded(code: ProblemCode, status: number, errorCode: string, message: string): Refusal {
  return new Refusal(code, message, { status_code: status, error_code: errorCode, message });
}
