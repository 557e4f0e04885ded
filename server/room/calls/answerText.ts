import { Problem, type ProblemCode, problemStatus } from '../../words/problems.ts';
import { StoreUnavailable } from '../../words/storeUnavailable.ts';

/** How an answer travels: as what was asked for, or as why it was refused. */
type Sent =
  | { value: unknown }
  | {
      problem: { code: string; sentence: string } & Partial<
        Pick<Problem, 'field' | 'details' | 'retryAfterSecs'>
      >;
    };

export function valueText(value: unknown): string {
  return JSON.stringify({ value: value ?? null } satisfies Sent);
}

/** Of what went wrong, as much as may be told; what is nobody's fault but our own is told to the log of who was asked. */
export function refusalText(error: unknown): string {
  const { code, message, field, details, retryAfterSecs } = asProblem(error);
  const more = { ...(field !== undefined && { field }), ...(details && { details: [...details] }) };
  const retry = retryAfterSecs === undefined ? {} : { retryAfterSecs };
  return JSON.stringify({ problem: { code, sentence: message, ...more, ...retry } } satisfies Sent);
}

/** @throws Problem that whoever was asked refused with */
export function readAnswer(text: string): unknown {
  const sent = JSON.parse(text) as Sent;
  if ('value' in sent) return sent.value;
  const { code, sentence, field, details, retryAfterSecs } = sent.problem;
  throw new Problem(isCode(code) ? code : 'internal', sentence, {
    ...(field !== undefined && { field }),
    ...(details && { details }),
    ...(retryAfterSecs !== undefined && { retryAfterSecs }),
  });
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable)
    return new Problem('unavailable', 'the store does not answer: look whether it was done, and try again', {
      retryAfterSecs: 1,
    });
  return new Problem('internal', 'the process that was asked failed; its log says more');
}

function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemStatus, code);
}
