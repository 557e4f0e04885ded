import { Problem } from '../../words/problems.ts';
import type { Identity } from '../../words/scopes.ts';

/** Whether a text can be a name: no character of control, and storable everywhere. */
export function isPlain(text: string): boolean {
  return !/\p{Cc}/u.test(text) && text.isWellFormed();
}

/** The project that a request is about: that of `?project_id=`, else the key's own; undefined where neither names one. */
export function namedProject(identity: Identity, query: URLSearchParams): string | undefined {
  const own = identity.kind === 'key' ? identity.project : null;
  const named = query.get('project_id') ?? '';
  if (named === '') return own ?? undefined;
  if (!isPlain(named) || (own !== null && own !== named)) throw new Problem('not_found', 'project not found');
  return named;
}

/** The same for requests that need one. */
export function requiredProject(identity: Identity, query: URLSearchParams): string {
  const project = namedProject(identity, query);
  if (project === undefined)
    throw new Problem('bad_request', 'project_id is required', { field: 'project_id' });
  return project;
}
