// What is left of the budgets of keys and addresses. Not logged: after a crash of the database all are full.
const allowances = `CREATE UNLOGGED TABLE allowances (
  name TEXT NOT NULL PRIMARY KEY,
  per_minute BIGINT NOT NULL,
  level DOUBLE PRECISION NOT NULL,
  filled_at BIGINT NOT NULL,
  granted BIGINT NOT NULL
)`;

export const allowanceTables: readonly string[] = [allowances];
