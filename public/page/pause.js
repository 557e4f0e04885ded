// @ts-check

const shortest = 500;
const longest = 30_000;

/**
 * Milliseconds to wait before try number `tries` (from 1): doubled each time, up to half a minute, and spread so
 * that many pages do not come back to a restarted server at the same moment.
 * @param {number} tries
 */
export function pauseBefore(tries, random = Math.random()) {
  const full = Math.min(longest, shortest * 2 ** (tries - 1));
  return Math.round(full * (0.75 + 0.5 * random));
}
