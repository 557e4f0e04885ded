import { median, short } from './statistics.ts';

export interface Comparison {
  /** Median of the ratios of the pairs. */
  ratio: number;
  /** For the row's details. */
  details: { ours_ms: number; by_hand_ms: number; ratios: number[] };
}

/**
 * Measures two ways to the same thing in turn, so that whatever else the machine does meets both. Each way gives the
 * milliseconds that it took; which of them begins changes from round to round.
 */
export async function comparePairs(
  rounds: number,
  ours: () => Promise<number>,
  byHand: () => Promise<number>,
): Promise<Comparison> {
  const pairs: { ours: number; byHand: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) pairs.push({ ours: await ours(), byHand: await byHand() });
    else pairs.push({ byHand: await byHand(), ours: await ours() });
  }
  const ratios = pairs.map((pair) => pair.ours / pair.byHand);
  return {
    ratio: median(ratios),
    details: {
      ours_ms: short(median(pairs.map((pair) => pair.ours)), 0),
      by_hand_ms: short(median(pairs.map((pair) => pair.byHand)), 0),
      ratios: ratios.map((ratio) => short(ratio)),
    },
  };
}

/** How long the work took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
