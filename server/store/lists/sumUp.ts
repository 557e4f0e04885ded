import { isTerminal } from '../../words/run.ts';
import { courseOf } from '../course.ts';
import type { Sql } from '../sql.ts';
import { blockRanges, type BlockRange, type Bounds, keepBlock, rowsIn } from '../statements/attemptBlocks.ts';
import {
  blockSums,
  boundColumns,
  coursesOf,
  keyAt,
  keysOfCourse,
  unendedIn,
} from '../statements/blockSums.ts';

/** Attempts in a block: to sum them up takes few milliseconds, and so does a walk over them. */
const usualSize = 8192;
/** So many attempts of a block are looked at one by one. */
const mostApart = 64;
/** What is left between two blocks, and less than this part of one, is summed up with the one behind it. */
const smallPart = 8;

/** See `ExecutionWrites`. */
export async function sumUpAttempts(sql: Sql, fromKey: number, size = usualSize): Promise<number | null> {
  let from = fromKey;
  for (const block of await blockRanges(sql)) {
    if (block.to <= from) continue;
    const to = block.from > from ? await endBefore(sql, from, block, size) : undefined;
    if (to !== undefined) return sumUp(sql, from, to);
    if (await hasMoreEnded(sql, block)) return sumUp(sql, block.from, block.to);
    from = block.to;
  }
  const last = await keyAt(sql, from, size - 1);
  return last === undefined ? null : sumUp(sql, from, last + 1);
}

/** Where a block may end that begins before another one; undefined where nothing is left before that. */
async function endBefore(
  sql: Sql,
  from: number,
  next: BlockRange,
  size: number,
): Promise<number | undefined> {
  const first = await keyAt(sql, from, 0);
  if (first === undefined || first >= next.from) return undefined;
  const last = (await keyAt(sql, from, size - 1)) ?? Infinity;
  if (last < next.from) return last + 1;
  const few = (await keyAt(sql, from, Math.floor(size / smallPart))) ?? Infinity;
  return few < next.from ? next.from : next.to;
}

/** Whether something has ended that is not counted in a block. */
async function hasMoreEnded(sql: Sql, { apart }: BlockRange): Promise<boolean> {
  return apart.length > 0 && (await coursesOf(sql, apart)).some(isFinal);
}

/** Keeps the sums of a range, where not too many are under way. */
async function sumUp(sql: Sql, from: number, to: number): Promise<number> {
  if ((await unendedIn(sql, from, to, mostApart + 1)) > mostApart) return to;
  const sums = await blockSums(sql, from, to);
  const [final, others] = [
    sums.filter(({ course }) => isFinal(course)),
    sums.filter(({ course }) => !isFinal(course)),
  ];
  if (others.reduce((sum, { rows }) => sum + rows, 0) > mostApart) return to;
  const apart = [];
  for (const course of new Set(others.map((one) => one.course)))
    apart.push(...(await keysOfCourse(sql, from, to, course)));
  const bounds: Record<string, Bounds> = {};
  for (const column of boundColumns) bounds[column] = merged(final.map((sum) => sum.bounds[column] ?? null));
  const counts = final.flatMap(({ origin, course, rows }) => [origin, course, rows]);
  const size = rowsIn(counts);
  await keepBlock(sql, { from, to, size, remaining: size, counts: () => counts, bounds, apart });
  return to;
}

/** Whether an attempt of a course never changes any more: it has ended, and so has its run. */
function isFinal(course: number): boolean {
  const { state, runState } = courseOf(course);
  return state !== 'queued' && state !== 'running' && isTerminal(runState);
}

function merged(all: readonly Bounds[]): Bounds {
  const some = all.filter((bounds) => bounds !== null);
  if (some.length === 0) return null;
  return [Math.min(...some.map(([least]) => least)), Math.max(...some.map(([, most]) => most))];
}
