import { key } from './columns.ts';

// Of a key only its SHA-256 is kept: whoever reads the store cannot use it. A key of all projects has project NULL.
const apiKeys = `CREATE TABLE api_keys (
  ${key},
  id TEXT NOT NULL UNIQUE,
  project TEXT,
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  rotated_to TEXT,
  last_used_at BIGINT
)`;

export const keyTables: readonly string[] = [
  apiKeys,
  'CREATE INDEX api_keys_by_project ON api_keys (project, key)',
];
