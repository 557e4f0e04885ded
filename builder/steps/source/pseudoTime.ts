/** 2000-01-01, in seconds. */
const firstSecond = 946_684_800n;
/** About a year. */
const secondBits = 25n;
const nanosecondsPerSecond = 1_000_000_000n;

/**
 * A time that stands for a content, in nanoseconds since 1970. BuildKit takes a file for unchanged where size and time
 * are the same, and git keeps no times. Two contents of one size have the same time in one of 2^54 cases. It lies in
 * the past, so that no program takes the file for new, and other content has another second too, because web servers
 * make their ETags of it.
 */
export function pseudoTimeNs(id: string): bigint {
  const seconds = BigInt(`0x${id.slice(0, 8)}`) & ((1n << secondBits) - 1n);
  const nanoseconds = BigInt(`0x${id.slice(8, 24)}`) % nanosecondsPerSecond;
  return (firstSecond + seconds) * nanosecondsPerSecond + nanoseconds;
}
