import type { RefusalShape } from '../../http/refusal.ts';
import type { Problem } from '../../words/problems.ts';
import { invalidPageText, notFoundText } from './problems.ts';

const described = { renders: ['application/json'], parses: ['application/json'] };

/** `{"detail": …}`; OPTIONS is answered with what there is. */
export const refusal: RefusalShape = (problem, request, response) => {
  if (problem.code !== 'method_not_allowed') return { detail: sentenceOf(problem) };
  const allow = `${response.get('Allow') ?? 'GET, HEAD'}, OPTIONS`;
  response.set('Allow', allow);
  if (request.method !== 'OPTIONS') return { detail: `Method "${request.method}" not allowed.` };
  response.status(200);
  return described;
};

function sentenceOf({ code, message }: Problem): string {
  return code === 'not_found' && message !== invalidPageText ? notFoundText : message;
}

/** The number in a path; 0, which nothing has, where it is none or more than any row's. */
export function numberOf(text: string): number {
  const number = /^\d{1,100}$/.test(text) ? Number(text) : 0;
  return number <= mostNumber ? number : 0;
}

/** No row has a higher number. */
export const mostNumber = 2_147_483_647;
