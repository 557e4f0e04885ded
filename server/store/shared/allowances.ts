import type { AllowanceStore, Budget, Granted } from '../contract/allowances.ts';
import { type Loose, type PostgresStatement, postgresStatement } from '../loose.ts';
import { integer } from '../row.ts';
import { nowMs } from './calls.ts';

/** After so long, in milliseconds, every budget without a debt is full. */
const minuteMs = 60_000;

const limit = '$2::double precision';
const want = '$3::double precision';
const extra = '$4::double precision';

/** What a row holds at a time, with what came since it was filled. */
const filled = (row: string, at: string, perMinute: string) =>
  `LEAST(${perMinute}, ${row}.level + GREATEST(0, ${at} - ${row}.filled_at) * ${perMinute} / ${minuteMs})`;
const here = filled('a', 'excluded.filled_at', limit);

/** Whole shares only; beyond what is wanted while a quarter stays. */
const share = (level: string) => `GREATEST(0, LEAST(FLOOR(${level}),
    ${want} + CASE WHEN ${level} - ${want} - ${extra} >= ${limit} / 4 THEN ${extra} ELSE 0 END))`;

const taking = (granted: (level: string) => string) =>
  postgresStatement(`INSERT INTO allowances AS a (name, per_minute, level, filled_at, granted)
    VALUES ($1, ${limit}, ${limit} - ${granted(limit)}, ${nowMs}, ${granted(limit)})
  ON CONFLICT (name) DO UPDATE SET per_minute = excluded.per_minute, level = ${here} - ${granted(here)},
    filled_at = GREATEST(a.filled_at, excluded.filled_at), granted = ${granted(here)}
  RETURNING granted, level`);

const take = taking(share);
const owe = taking(() => want);
const level = postgresStatement(
  `SELECT ${filled('a', nowMs, limit)} AS level FROM allowances a WHERE name = $1`,
);
const forget = postgresStatement(`DELETE FROM allowances a WHERE filled_at < ${nowMs} - ${minuteMs}
  AND ${filled('a', nowMs, 'per_minute')} >= per_minute`);

export function createAllowanceStore(loose: Loose): AllowanceStore {
  return {
    take: (budget, wanted, more) => taken(loose, take, budget, [wanted, more]),
    owe: (budget, cost) => taken(loose, owe, budget, [cost]),
    async level({ name, perMinute }) {
      const [row] = await loose.all(level, [name, perMinute]);
      return row ? integer(row, 'level') : perMinute;
    },
    forgetFull: () => loose.run(forget, []),
  };
}

async function taken(
  loose: Loose,
  statement: PostgresStatement,
  { name, perMinute }: Budget,
  amounts: readonly number[],
): Promise<Granted> {
  const [row = {}] = await loose.all(statement, [name, perMinute, ...amounts]);
  return { granted: integer(row, 'granted'), level: integer(row, 'level') };
}
