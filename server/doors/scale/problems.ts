import { Problem } from '../../words/problems.ts';

/** What this interface says of everything that is not there. */
export const notFoundText = 'Not found.';
/** The one other thing that it says with 404. */
export const invalidPageText = 'Invalid page.';

/** 404; also of what the one who asks may not see. */
export function notFound(): Problem {
  return new Problem('not_found', notFoundText);
}

export function invalidPage(): Problem {
  return new Problem('not_found', invalidPageText, { field: 'page' });
}

/** 400 with this sentence. */
export function badRequest(sentence: string): Problem {
  return new Problem('bad_request', sentence);
}
