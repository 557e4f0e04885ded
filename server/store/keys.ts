import type { KeyReads, KeyWrites } from './contract/keys.ts';
import type { Sql } from './sql.ts';
import {
  apiKeyByHash,
  apiKeyById,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
  touchApiKeys,
} from './statements/apiKeys.ts';

export function keyReads(sql: Sql): KeyReads {
  return {
    apiKey: (id) => apiKeyById(sql, id),
    apiKeyByHash: (hash) => apiKeyByHash(sql, hash),
    apiKeys: (project, page) => listApiKeys(sql, project, page),
  };
}

export function keyWrites(sql: Sql): KeyWrites {
  return {
    insertApiKey: (key) => insertApiKey(sql, key),
    revokeApiKey: (id, now) => revokeApiKey(sql, id, now),
    rotateApiKey: (id, successorId, until) => rotateApiKey(sql, id, successorId, until),
    touchApiKeys: (used) => touchApiKeys(sql, used),
  };
}
