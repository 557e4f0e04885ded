import type { Request, Response } from 'express';

/**
 * The versions that `If-Match` names, one of which must be the newest; undefined where any may be. Weak marks and
 * missing quotes are overlooked.
 */
export function expectedVersions(request: Request): string[] | undefined {
  const header = request.get('If-Match');
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^(?:W\/)?"?/, '')
      .replace(/"$/, ''),
  );
}

/**
 * Sends something with its version as the ETag. Never a 304: what changes without a version, such as `enabled`, would
 * be missed.
 */
export function sendVersioned(response: Response, versionId: string, body: object): void {
  response.set('ETag', `"${versionId}"`).type('json').end(JSON.stringify(body));
}
