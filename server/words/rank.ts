/** How much longer a run waits, in milliseconds, before it is as urgent as a new one of the next priority. */
export const agingStepMs = 5 * 60_000;

/**
 * The place of an attempt among all that wait; lower goes first. Priority is a head start in time, so that the order of
 * two attempts never changes while they wait, an index can keep it, and nothing starves: after 50 minutes priority 0
 * goes before a new priority 10.
 */
export function rankOf(priority: number, availableAt: number): number {
  return availableAt - priority * agingStepMs;
}
