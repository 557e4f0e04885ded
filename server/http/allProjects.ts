import { Problem } from '../words/problems.ts';
import { seesAll } from '../words/scopes.ts';
import { identityOf } from './identity.ts';
import type { Handler } from './route.ts';

/** What belongs to no project: who sees one project only is told that there is none. `what` begins the sentence. */
export function forAllProjects(what: string, handler: Handler): Handler {
  return (request, response) => {
    if (!seesAll(identityOf(response)))
      throw new Problem('not_found', `${what} are for keys of all projects only`);
    return handler(request, response);
  };
}
