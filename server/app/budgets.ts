import { type Buckets, createBuckets, type Taken } from './buckets.ts';

/** Budgets by name, each filled up evenly over a minute, of which this process takes alone or together with others. */
export interface Budgets {
  /** Takes a share where one is left. */
  take(name: string, perMinute: number): Promise<Taken>;
  /** Whether one is left; takes nothing. What others took may be heard of a second late. */
  look(name: string, perMinute: number): Promise<Taken>;
  /** Takes shares whatever is left, so that no rest of a request that has begun is for nothing. */
  owe(name: string, perMinute: number, cost: number): Promise<Taken>;
}

/** Of this process alone. */
export function ownBudgets(buckets: Buckets = createBuckets()): Budgets {
  return {
    take: async (name, perMinute) => buckets.take(name, perMinute, 1),
    look: async (name, perMinute) => buckets.take(name, perMinute, 0),
    owe: async (name, perMinute, cost) => buckets.owe(name, perMinute, cost),
  };
}
