/** Milliseconds that digits mean as seconds; undefined where that is below 0 or above the longest delay. */
export function delayMsOf(
  digits: string | undefined,
  { maxDelaySeconds }: { maxDelaySeconds: number },
): number | undefined {
  const seconds = Number(digits ?? '0');
  return seconds < 0 || seconds > maxDelaySeconds ? undefined : seconds * 1000;
}
