import fc from 'fast-check';
import { cancel } from '../../../server/room/cancel.ts';
import { claim, type Claimed } from '../../../server/room/claim.ts';
import { createReaper } from '../../../server/room/recover.ts';
import { setQueues } from '../../../server/room/queues/queues.ts';
import { settleWaitingRuns } from '../../../server/room/schedule/waiting.ts';
import { submitMany } from '../../../server/room/submit/submit.ts';
import type { Queue } from '../../../server/store/contract/lines.ts';
import type { Store } from '../../../server/store/store.ts';
import {
  type DependencyCondition,
  dependencyConditions,
  type Job,
  type JobDefinition,
  overlapPolicies,
  retryStrategies,
  supersedePolicies,
  versionPolicies,
} from '../../../server/words/job.ts';
import { Problem } from '../../../server/words/problems.ts';
import type { RunReason } from '../../../server/words/reasons.ts';
import type { Place, Run } from '../../../server/words/run.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { versionId } from '../../../server/words/versionId.ts';
import { createWatch, type Watch } from './watch.ts';
import { openWorkshop, payload, type Workshop } from './workshop.ts';

/** What happens next: which of the things that can, and three numbers that say how. */
export interface Event {
  what: keyof typeof happenings;
  a: number;
  b: number;
  c: number;
}

export interface Tale {
  jobs: JobDefinition[];
  /** What each job but the first waits for of the one before it, if anything. */
  links: (DependencyCondition | undefined)[];
  events: Event[];
}

/** A queue, the jobs of a project, and all that was claimed of them. */
interface Scene {
  shop: Workshop;
  watch: Watch;
  jobs: Job[];
  queues: Queue[];
  runs: string[];
  /** Attempts that somebody works on. */
  held: Claimed[];
  /** Attempts whose worker is gone, or thought to be. */
  left: Claimed[];
  /** The clock that never jumps. */
  lease: { monotonic: number };
  reap(): Promise<void>;
}

const second = 1000;
const minute = 60 * second;
const leaseMs = 60 * second;

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const definition: fc.Arbitrary<JobDefinition> = fc
  .record({
    image: sometimes(
      fc.constant({ source: { account: 'a', repo: 'r' }, dockerfile: 'Dockerfile', ref: 'main' }),
    ),
    maxConcurrency: sometimes(fc.constantFrom(1, 2)),
    maxConcurrencyPerKey: sometimes(fc.constant(1)),
    rateLimitKeys: sometimes(fc.constant([{ name: 'api', max: 2, windowSecs: 60 }])),
    queue: sometimes(fc.constantFrom('slow', 'narrow')),
    supersedePolicy: sometimes(fc.constantFrom(...supersedePolicies)),
    versionPolicy: sometimes(fc.constantFrom(...versionPolicies)),
    overlapPolicy: sometimes(fc.constantFrom(...overlapPolicies)),
    cron: sometimes(fc.constantFrom('* * * * *', '*/5 * * * *')),
    executionWindowCron: sometimes(fc.constantFrom('*/2 * * * *', '0 * * * *')),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    retryStrategy: sometimes(fc.constantFrom(...retryStrategies)),
    runTtlSecs: sometimes(fc.constantFrom(30, 600)),
    rateLimitMax: sometimes(fc.constant(3)),
    rateLimitWindowSecs: fc.constant(120),
    dedupWindowSecs: sometimes(fc.constant(60)),
    debounceWindowSecs: sometimes(fc.constant(20)),
    webhookUrl: sometimes(fc.constant('http://receiver.example/')),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as JobDefinition);

/** Each of these may be asked for at any time; what makes no sense then is refused, or does nothing. */
const happenings = {
  async trigger(scene: Scene, { a, b, c }: Event) {
    await addRuns(scene, [wishOf(scene, a, b, c)]);
  },
  async triggerMany(scene: Scene, { a, b, c }: Event) {
    await addRuns(scene, [
      wishOf(scene, a, b, c),
      wishOf(scene, a, b + 1, c + 1),
      wishOf(scene, a + 1, b, c),
    ]);
  },
  async claim(scene: Scene, { a, b }: Event) {
    await scene.watch.claims(scene, [claimer(scene, a, 1 + (b % 3))]);
  },
  async claimTogether(scene: Scene, { a, b }: Event) {
    await scene.watch.claims(scene, [claimer(scene, a, 1), claimer(scene, b, 2), claimer(scene, a + b, 1)]);
  },
  async finish(scene: Scene, { a, b }: Event) {
    const [one] = scene.held.splice(a % Math.max(1, scene.held.length), 1);
    if (one) await end(scene, one, b);
  },
  async finishAll(scene: Scene, { b }: Event) {
    for (const one of scene.held.splice(0)) await end(scene, one, b);
  },
  async vanish(scene: Scene, { a }: Event) {
    scene.left.push(...scene.held.splice(a % Math.max(1, scene.held.length), 1));
  },
  async comeBackLate(scene: Scene, { a, b }: Event) {
    const one = scene.left[a % Math.max(1, scene.left.length)];
    if (one) await end(scene, one, b);
  },
  reap: reapAll,
  async cancel({ shop, runs }: Scene, { a }: Event) {
    const id = runs[a % Math.max(1, runs.length)];
    if (id !== undefined) await unlessRefused(() => cancel(shop.room, id));
  },
  async patch(scene: Scene, { a, b, c }: Event) {
    const limits = { maxConcurrency: b % 3, maxConcurrencyPerKey: c % 2, backwardsCompatible: c % 3 > 0 };
    await changeJob(scene, a, (job) => ({ ...job.definition, ...limits }));
  },
  async flag(scene: Scene, { a, b }: Event) {
    const job = jobAt(scene, a);
    const flags = { enabled: b % 3 > 0, paused: b % 4 === 0 };
    const [after] = await scene.shop.store.write((tx) => tx.setJobFlags([job.id], flags, scene.shop.now()));
    if (after) scene.jobs[scene.jobs.indexOf(job)] = after;
  },
  async queues(scene: Scene, { a, b }: Event) {
    scene.queues = [
      { name: 'slow', paused: a % 3 === 0, maxRunning: null },
      { name: 'narrow', paused: false, maxRunning: 1 + (b % 2) },
    ];
    await setQueues(scene.shop.room, scene.queues);
  },
  async pass({ shop }: Scene, { a, b }: Event) {
    await shop.pass((a % 90) * second + (b % 2) * 5 * minute);
  },
  async wait({ shop }: Scene, { a }: Event) {
    shop.jump((a % 90) * second);
  },
  async jumpClock({ shop, watch }: Scene, { a, b }: Event) {
    shop.jump((b % 2 === 0 ? 1 : -1) * (a % 240) * minute);
    watch.forgetStarts();
  },
  async look({ shop }: Scene) {
    await settleWaitingRuns(shop.room);
  },
};

export type { Scene };

const often: (keyof typeof happenings)[] = [
  'trigger',
  'claim',
  'finish',
  'pass',
  'claimTogether',
  'finishAll',
];
const names = Object.keys(happenings) as (keyof typeof happenings)[];
const number = fc.nat(1000);

export const tales: fc.Arbitrary<Tale> = fc.record({
  jobs: fc.array(definition, { minLength: 2, maxLength: 4 }),
  links: fc.array(sometimes(fc.constantFrom(...dependencyConditions)), { minLength: 3, maxLength: 3 }),
  events: fc.array(
    fc.record({ what: fc.constantFrom(...names, ...often, ...often), a: number, b: number, c: number }),
    { minLength: 15, maxLength: 50 },
  ),
});

/** Lets a tale happen in a project of its own, looks at all of it after each event, and lets everything come to its end. */
export async function tell(store: Store, { events, ...given }: Tale): Promise<void> {
  const scene = await openScene(store, given);
  try {
    for (const event of events) {
      await happenings[event.what](scene, event);
      await scene.watch.look();
    }
    await bringToEnd(scene);
  } catch (error) {
    // The next tale is told in the same store.
    await endSchedules(scene);
    await scene.shop.close();
    throw error;
  }
}

async function openScene(store: Store, { jobs: definitions, links }: Omit<Tale, 'events'>): Promise<Scene> {
  const shop = openWorkshop(store, { leaseMs });
  const jobs: Job[] = [];
  const parents = new Map<string, string>();
  for (const one of definitions) {
    const job = await shop.job(one);
    const [before, condition] = [jobs.at(-1), links[jobs.length - 1]];
    if (before && condition) {
      await shop.dependency(job, before, condition);
      parents.set(job.id, before.id);
    }
    jobs.push(job);
  }
  const lease = { monotonic: 0 };
  const reap = createReaper(shop.room, () => lease.monotonic);
  return {
    shop,
    watch: createWatch(shop, parents),
    jobs,
    queues: [],
    runs: [],
    held: [],
    left: [],
    lease,
    reap,
  };
}

function jobAt({ jobs }: Scene, index: number): Job {
  const job = jobs[index % jobs.length];
  if (!job) throw new Error('there is no job');
  return job;
}

function wishOf(scene: Scene, a: number, b: number, c: number) {
  const job = { id: jobAt(scene, a).id };
  const delayed = c % 5 === 0 && { scheduledAt: scene.shop.now() + (c % 300) * second };
  const keyed = b % 3 === 0 && { idempotencyKey: `i${c % 3}` };
  const ttl = c % 7 === 0 && { ttlSecs: 40 };
  const lane = b % 4 > 0 && { concurrencyKey: `k${b % 4}` };
  const priority = b % 11;
  return {
    job,
    trigger: 'api' as const,
    priority,
    ...payload({ n: b % 5, ...(a % 3 === 0 && { dependency_key: `d${c % 2}` }) }),
    ...delayed,
    ...keyed,
    ...ttl,
    ...lane,
  };
}

async function addRuns(scene: Scene, wishes: ReturnType<typeof wishOf>[]): Promise<void> {
  const submitted = await unlessRefused(() => submitMany(scene.shop.room, wishes));
  for (const { run, outcome } of submitted ?? []) {
    if (outcome === 'created') scene.runs.push(run.id);
    scene.watch.expectRun(run.id);
  }
}

function claimer({ shop }: Scene, which: number, most: number): () => Promise<Claimed[]> {
  const place: Place = which % 3 === 0 ? 'engine' : 'http';
  return () => claim(shop.room, { place, engine: place === 'engine' ? 'one' : null }, most);
}

const ends: (RunReason | undefined)[] = [
  undefined,
  undefined,
  'endpoint_failed',
  'endpoint_denied',
  'endpoint_timeout',
  'engine_lost',
  'released',
];

/** A worker whose run is to stop says so; others end as it happens. */
async function end({ shop, left }: Scene, one: Claimed, b: number): Promise<Run | undefined> {
  const isStopped = shop.interrupted.includes(one.run.id) && b % 2 === 0;
  const run = await shop.end(one, isStopped ? 'canceled' : ends[b % ends.length]);
  if (left.includes(one)) left.splice(left.indexOf(one), 1);
  return run;
}

/** Long enough that nobody's lease lasts but theirs who work. */
async function reapAll({ shop, held, lease, reap }: Scene): Promise<void> {
  for (const step of [0, 2 * leaseMs]) {
    lease.monotonic += step;
    for (const { attempt, leaseId } of held)
      await shop.store.write((tx) => tx.renewLease(attempt.id, leaseId, shop.now() + lease.monotonic));
    await reap();
  }
}

async function changeJob(scene: Scene, index: number, change: (job: Job) => JobDefinition): Promise<void> {
  const job = jobAt(scene, index);
  const ids = { versionId: versionId(), versionRowId: uuid7(), slug: job.slug, updatedBy: null };
  const after = await scene.shop.store.write((tx) =>
    tx.changeJob(job, { ...ids, definition: change(job), now: scene.shop.now() }),
  );
  if (typeof after === 'string') throw new Error(`the job is ${after}`);
  scene.jobs[scene.jobs.indexOf(job)] = after;
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Nothing is held back any more, no new run comes, and everybody who works ends well: then every run ends. */
async function bringToEnd(scene: Scene): Promise<void> {
  const { shop, watch } = scene;
  await setQueues(shop.room, (scene.queues = []));
  const ids = scene.jobs.map(({ id }) => id);
  await shop.store.write((tx) => tx.setJobFlags(ids, { enabled: true, paused: false }, shop.now()));
  await endSchedules(scene);
  scene.jobs = (await Promise.all(ids.map((id) => shop.store.read.job(id)))).filter(
    (job) => job !== undefined,
  );
  await reapAll(scene);
  for (let round = 0; await watch.isOpen(); round++) {
    if (round === 1000) throw new Error('there are runs that do not end');
    for (const one of scene.held.splice(0)) await shop.end(one);
    await watch.claims(scene, [claimer(scene, 0, 5), claimer(scene, 1, 5)]);
    if (scene.held.length === 0) await shop.pass(await untilNext(shop));
  }
  await watch.lookAtTheEnd();
}

async function endSchedules({ shop, jobs }: Scene): Promise<void> {
  for (const { id } of jobs) await shop.store.write((tx) => tx.setSchedule(id, null));
}

async function untilNext({ store, now }: Workshop): Promise<number> {
  const next = (await store.read.nextDueAt()) ?? 0;
  return Math.min(Math.max(next - now(), second), 60 * minute);
}
