/** The middle of the values; NaN where there are none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The value that `percent` of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

/** A number with three decimals at most, for a line that people read. */
export function short(value: number, decimals = 3): number {
  return Number(value.toFixed(decimals));
}
