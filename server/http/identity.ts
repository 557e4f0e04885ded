import type { Response } from 'express';
import type { Identity } from '../words/scopes.ts';

const identities = new WeakMap<Response, Identity>();

/** Notes who asks, once it is known. */
export function setIdentity(response: Response, identity: Identity): void {
  identities.set(response, identity);
}

/** Who asks. Throws an Error where nobody was identified: a route that is not public must have one. */
export function identityOf(response: Response): Identity {
  const identity = identities.get(response);
  if (!identity) throw new Error('nobody was identified before this route');
  return identity;
}
