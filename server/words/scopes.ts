/** What a key may do. */
export const scopes = [
  'jobs:read',
  'jobs:write',
  'jobs:trigger',
  'runs:read',
  'runs:write',
  'stats:read',
  'api-keys:manage',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Who asks: the administrator (a credential of the configuration, or loopback while none is set), a key, or whoever is in a network that the settings open an interface to. */
export type Identity =
  | { kind: 'admin' }
  | {
      kind: 'key';
      keyId: string;
      /** Null: every project. */
      project: string | null;
      /** Empty, or with `*`: everything but what only the administrator may. */
      scopes: readonly string[];
    }
  | { kind: 'network'; address: string; project: null; scopes: readonly string[] };

/** `admin` is the one scope that only the administrator and keys that name it have. */
export function mayDo(identity: Identity, scope: Scope): boolean {
  if (identity.kind === 'admin') return true;
  if (identity.scopes.includes(scope)) return true;
  const everything = identity.scopes.length === 0 || identity.scopes.includes('*');
  return everything && scope !== 'admin';
}

/** Whether an identity may do all that the `wanted` scopes allow. */
export function covers(identity: Identity, wanted: readonly string[]): boolean {
  const everything = wanted.length === 0 || wanted.includes('*');
  return scopes.every((scope) => {
    const isWanted = wanted.includes(scope) || (everything && scope !== 'admin');
    return !isWanted || mayDo(identity, scope);
  });
}

/** Things of a project that an identity does not see are not there for it: 404. */
export function sees(identity: Identity, project: string): boolean {
  return identity.kind === 'admin' || identity.project === null || identity.project === project;
}

/** Whether things of the whole server, which belong to no project, are there for an identity. */
export function seesAll(identity: Identity): boolean {
  return identity.kind === 'admin' || identity.project === null;
}

/** How an identity is named as the author of a change: `apikey:<id>`, `network:<address>`; null for the administrator. */
export function authorOf(identity: Identity): string | null {
  if (identity.kind === 'network') return `network:${identity.address}`;
  return identity.kind === 'key' ? `apikey:${identity.keyId}` : null;
}
