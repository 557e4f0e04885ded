import type { ImageGroup } from '../../../builder/steps/engine/gc/plan.ts';
import { before, type Retention } from '../../config/retentionSchema.ts';
import type { RememberedImage } from '../../store/contract/retention.ts';

/** Says why what an attempt made is to go, by its age and by what its job has built since; undefined where it may stay. */
export function createExpire(
  { maxAgeDays, keepPerJob }: Retention['images'],
  remembered: readonly RememberedImage[],
  now: number,
): (group: ImageGroup) => string | undefined {
  const limit = before(maxAgeDays, now);
  const beyond = keepPerJob === 0 ? new Set<string>() : attemptsBeyond(remembered, keepPerJob);
  return ({ attempt, usedAt }) => {
    if (limit !== undefined && usedAt < limit) return `no build made or used it for ${maxAgeDays} days`;
    if (attempt !== undefined && beyond.has(attempt))
      return `its job has the images of ${keepPerJob} newer builds`;
    return undefined;
  };
}

/** The attempts that made images, but for the newest ones of each job. */
function attemptsBeyond(remembered: readonly RememberedImage[], keepPerJob: number): Set<string> {
  const made = remembered.filter(({ names }) => names.length > 0);
  const ofJobs = Map.groupBy(made, ({ jobId }) => jobId).values();
  return new Set(
    ofJobs.flatMap((images) => {
      const newestFirst = images.toSorted((a, b) => b.madeAt - a.madeAt);
      return [...new Set(newestFirst.map(({ attemptId }) => attemptId))].slice(keepPerJob);
    }),
  );
}
