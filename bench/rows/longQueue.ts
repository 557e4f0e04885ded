import type { Store } from '../../server/store/store.ts';
import { cyclesPerSecond, insertHttpJob, queueRuns } from '../measure/cycles.ts';
import { withStore } from '../measure/freshStore.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { median, short } from '../measure/statistics.ts';

const rounds = 5;
const roundMs = 700;

/**
 * Claim and finish with 100k runs in the queue against 1k, and once more with 100k of a job that may not run in front of
 * all others. The stores are measured in turn; the short queue is filled up before each turn.
 */
export function longQueue(): Promise<Figure> {
  return withStore((short1k) =>
    withStore((long100k) => withStore((blocked) => compare(short1k, long100k, blocked))),
  );
}

async function compare(few: Store, many: Store, blocked: Store): Promise<Figure> {
  const job = await insertHttpJob(few, 'noop');
  await queueRuns(many, await insertHttpJob(many, 'noop'), 100_000);
  const held = await insertHttpJob(blocked, 'held');
  await queueRuns(blocked, held, 100_000);
  await blocked.write((tx) => tx.setJobFlags([held.id], { paused: true }, Date.now()));
  const free = await insertHttpJob(blocked, 'noop');
  const ratios: number[] = [];
  const blockedRatios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await queueRuns(few, job, 10_000 / rounds);
    const one = await whileQueued(few);
    const hundred = await cyclesPerSecond(many, roundMs);
    await queueRuns(blocked, free, 10_000);
    const behind = await cyclesPerSecond(blocked, roundMs);
    ratios.push(one / hundred);
    blockedRatios.push(one / behind);
  }
  const value = median(ratios);
  const behind = median(blockedRatios);
  return atMost('long-queue', { value, unit: 'times as long', reach: 1.3 }, behind <= 1.3, {
    behind_100k_blocked: short(behind),
    ratios: ratios.map((ratio) => short(ratio)),
  });
}

/** The short queue holds for a part of a round; the rest is not counted. */
function whileQueued(store: Store): Promise<number> {
  return cyclesPerSecond(store, roundMs / 4);
}
