/** Values counted by how large they are. */
export interface Histogram {
  observe(value: number): void;
  readonly bounds: readonly number[];
  /** How many values were at most as large as each bound, and how many there were. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Seconds that a request, or a statement, takes. */
export const secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

export function createHistogram(bounds: readonly number[] = secondsBounds): Histogram {
  // Of each bound by itself; they are added up when somebody asks.
  const own = Array.from({ length: bounds.length + 1 }, () => 0);
  let [count, sum] = [0, 0];
  return {
    bounds,
    observe(value) {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] ?? Infinity)) at++;
      own[at] = (own[at] ?? 0) + 1;
      count++;
      sum += value;
    },
    get counts() {
      let total = 0;
      return bounds.map((_, index) => (total += own[index] ?? 0));
    },
    get count() {
      return count;
    },
    get sum() {
      return sum;
    },
  };
}
