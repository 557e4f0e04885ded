import type { ApiKey } from '../../../store/contract/keys.ts';
import { everyProject } from './wish.ts';

/** A key as lists show it: never its text, which nobody has. */
export function apiKeyJson(key: ApiKey): Record<string, unknown> {
  return {
    id: key.id,
    project_id: key.project ?? everyProject,
    name: key.name,
    key_prefix: key.hint,
    scopes: key.scopes,
    ...(key.createdBy !== null && { created_by: key.createdBy }),
    created_at: timeOf(key.createdAt),
    ...(key.expiresAt !== null && { expires_at: timeOf(key.expiresAt) }),
    ...(key.revokedAt !== null && { revoked_at: timeOf(key.revokedAt) }),
    ...(key.rotatedTo !== null && { rotated_to: key.rotatedTo }),
    ...(key.lastUsedAt !== null && { last_used_at: timeOf(key.lastUsedAt) }),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
