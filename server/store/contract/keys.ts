/** A credential of a program. Its text is shown once; the store has its hash. */
export interface ApiKey {
  key: number;
  /** UUIDv7. */
  id: string;
  /** Null: of all projects. */
  project: string | null;
  name: string;
  /** The first characters of the key, to recognise it by. */
  hint: string;
  /** Empty: everything. */
  scopes: string[];
  createdBy: string | null;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
  /** The key that took its place. */
  rotatedTo: string | null;
  lastUsedAt: number | null;
}

export interface KeyReads {
  apiKey(id: string): Promise<ApiKey | undefined>;
  /** By the SHA-256 of its text, hex; also one that has expired or was revoked. */
  apiKeyByHash(hash: string): Promise<ApiKey | undefined>;
  /** Newest first; undefined is all projects, and the keys that are for all of them. */
  apiKeys(project: string | undefined, page: ApiKeyPage): Promise<ApiKey[]>;
}

/** Only those with a key below `beforeKey`, and made before `createdBefore`. */
export interface ApiKeyPage {
  beforeKey?: number;
  createdBefore?: number;
  limit: number;
}

export type NewApiKey = Omit<ApiKey, 'key' | 'revokedAt' | 'rotatedTo' | 'lastUsedAt'> & { hash: string };

export interface KeyWrites {
  insertApiKey(key: NewApiKey): Promise<ApiKey>;
  /** False where there is none, or it was revoked before. */
  revokeApiKey(id: string, now: number): Promise<boolean>;
  /** The old key works until `until`, and names its successor. */
  rotateApiKey(id: string, successorId: string, until: number): Promise<boolean>;
  /** Notes when keys were last used. */
  touchApiKeys(used: ReadonlyMap<string, number>): Promise<void>;
}
