import { z } from 'zod';

/** 0 is no limit, wherever nothing else is said. */
const days = z.number().min(0).max(36_500);
const bytes = z.number().int().min(0);
const count = z.number().int().min(0).max(1_000_000_000);

const dayMs = 24 * 3_600_000;

const runs = z.strictObject({
  /** Since its end. */
  maxAgeDays: days.default(0),
  maxPerJob: count.default(0),
});

const logs = z.strictObject({
  /** Since the end of its run. */
  maxAgeDays: days.default(0),
  /** Of all logs together. */
  maxBytes: bytes.default(0),
});

const mirrors = z.strictObject({
  unusedDays: days.default(90),
  /** Of all mirrors together. */
  maxBytes: bytes.default(0),
});

const images = z.strictObject({
  /** Since a build last made or used it. */
  maxAgeDays: days.default(90),
  /** Of each job the images of so many builds. */
  keepPerJob: count.default(0),
});

/** A limit and how far down it goes once that is passed. */
const data = z
  .strictObject({ highBytes: bytes.default(0), lowBytes: bytes.optional() })
  .superRefine(({ highBytes, lowBytes }, context) => {
    if (lowBytes !== undefined && lowBytes > highBytes)
      context.addIssue({ code: 'custom', message: 'must not be above highBytes', path: ['lowBytes'] });
  })
  .transform(({ highBytes, lowBytes }) => ({
    highBytes,
    lowBytes: lowBytes ?? Math.floor(highBytes * 0.8),
  }));

/** What is kept for how long. The last success of each job is kept in any case. */
export const retention = z.strictObject({
  runs: runs.prefault({}),
  logs: logs.prefault({}),
  mirrors: mirrors.prefault({}),
  images: images.prefault({}),
  data: data.prefault({}),
});

export type Retention = z.output<typeof retention>;

/** When what is `age` days old now was made; undefined where there is no limit. */
export function before(age: number, now: number): number | undefined {
  return age === 0 ? undefined : now - age * dayMs;
}
