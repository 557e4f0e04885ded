// @ts-check
/** @import { Line, Step } from '../words.d.ts' */

/** A step's own line is at most so many lines away from the first line with the step's start time. */
const lookAround = 20;

/**
 * The line with which a step starts, found by halving the log: times only grow along it.
 * @param {Pick<Step, 'image' | 'number' | 'total' | 'startedAt'>} step
 * @param {number} last number of the newest line
 * @param {(from: number, to: number) => Promise<(Line & { number: number })[]>} read where a range is in a gap, gives
 *   what comes after it
 */
export async function lineOfStep(step, last, read) {
  let low = 1;
  let high = last;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [line] = await read(middle, middle);
    if (line && line.at < step.startedAt) low = line.number + 1;
    else high = middle;
  }
  const near = await read(Math.max(1, low - lookAround), Math.min(last, low + lookAround));
  // As the log says it where the build makes several images.
  const voice = step.image === undefined ? '' : `${step.image} | `;
  const start = `${voice}Step ${step.number}/${step.total} : `;
  return near.findLast((line) => line.text.startsWith(start))?.number ?? low;
}
