import type { KeyWish } from '../../../room/keys/keys.ts';
import { Problem } from '../../../words/problems.ts';
import type { Identity } from '../../../words/scopes.ts';
import type { CreateKeyBody } from '../schemas/keys.ts';

export const everyProject = '*';
const dayMs = 24 * 3600 * 1000;

/** What a request wants of a key. Throws a Problem (400) where it does not say which project it is for. */
export function keyWishOf(body: CreateKeyBody, identity: Identity, now: number): KeyWish {
  const { name, scopes = [], expires_at, expires_in_days } = body;
  const expiresAt = expires_at === undefined ? daysFrom(now, expires_in_days) : Date.parse(expires_at);
  return {
    project: projectOf(body, identity),
    name,
    scopes,
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function projectOf({ project_id }: CreateKeyBody, identity: Identity): string | null {
  if (project_id === everyProject) return null;
  if (project_id !== undefined) return project_id;
  if (identity.kind === 'key') return identity.project;
  throw new Problem('validation_error', 'project_id is required: name a project, or * for all of them', {
    field: 'project_id',
    details: ['project_id is required: name a project, or * for all of them'],
  });
}

function daysFrom(now: number, days: number | undefined): number | undefined {
  return days === undefined ? undefined : now + days * dayMs;
}
