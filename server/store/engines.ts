import type { EngineReads, EngineWrites } from './contract/engines.ts';
import type { Sql } from './sql.ts';
import { engineWishes, setEngineWish } from './statements/engines.ts';
import { memberWishes, setMemberWish } from './statements/memberWishes.ts';
import { serverWish, setServerWish } from './statements/meta.ts';

export function engineReads(sql: Sql): EngineReads {
  return {
    async wishes() {
      const [server, engines, members] = await Promise.all([
        serverWish(sql),
        engineWishes(sql),
        memberWishes(sql),
      ]);
      return { server, members, ...engines };
    },
  };
}

export function engineWrites(sql: Sql): EngineWrites {
  return {
    setServerWish: (wish) => setServerWish(sql, wish),
    setEngineWish: (name, wish, now) => setEngineWish(sql, name, wish, now),
    setMemberWish: (name, wish, now) => setMemberWish(sql, name, wish, now),
  };
}
