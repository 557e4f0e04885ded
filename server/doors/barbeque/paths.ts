const roots = ['/v1/job_executions', '/v1/apps', '/v2/job_executions'];
/** What a client may add to any path; the answer is the same. */
const suffix = /\.(?:json|xml)(\/?)$/;

/** The path without the suffix, where it is one of this interface; undefined where it is not. */
export function ownPath(path: string): string | undefined {
  if (!path.startsWith('/v') && !path.startsWith('/V')) return undefined;
  const plain = path.replace(suffix, '$1');
  const lower = plain.toLowerCase();
  return roots.some((root) => lower === root || lower.startsWith(`${root}/`)) ? plain : undefined;
}
