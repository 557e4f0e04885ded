import type { SealWrites } from './contract/sealing.ts';
import type { Sql } from './sql.ts';
import { ensureSealMark } from './statements/meta.ts';

export function sealWrites(sql: Sql): SealWrites {
  return { ensureSealMark: (mark) => ensureSealMark(sql, mark) };
}
