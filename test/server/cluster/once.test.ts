import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { Submitted } from '../../../server/room/submit/submission.ts';
import type { Job } from '../../../server/words/job.ts';
import { isTerminal, type Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import type { TestWeb } from '../access/webFixture.ts';
import { openRooms, type Rooms, ways } from './rooms.ts';

const minute = 60_000;

for (const way of ways)
  describe(`three servers on one database, ${way}`, () => {
    let rooms: Rooms;
    let webs: readonly TestWeb[];
    before(async () => {
      rooms = await openRooms(3, way);
      ({ webs } = rooms);
    });
    after(() => rooms?.close());

    const states = (runs: readonly Run[]) => runs.map(({ state }) => state).toSorted();

    /** The runs of a job when there are as many, and all have ended. */
    function allEnded(job: Job, count: number): Promise<Run[]> {
      return waitFor(`the ends of ${count} runs`, async () => {
        const runs = await rooms.runs(job);
        return runs.length >= count && runs.every(({ state }) => isTerminal(state)) && runs;
      });
    }

    /** Asks all servers at once, again and again. */
    async function everywhere(
      times: number,
      ask: (web: TestWeb, n: number) => Promise<Submitted>,
    ): Promise<Submitted[]> {
      return Promise.all(Array.from({ length: times }).flatMap((_, n) => webs.map((web) => ask(web, n))));
    }

    /** Runs that were made, of what was asked everywhere. */
    const made = (all: readonly Submitted[]) => new Set(all.map(({ run }) => run.id)).size;

    it('fire each tick of a schedule once, and one for all that nobody was there for', async () => {
      const jobs = await Promise.all(Array.from({ length: 8 }, () => rooms.job({ cron: '*/5 * * * *' })));
      await rooms.database.script(`UPDATE schedules SET next_at = next_at - ${30 * minute}`);
      for (const web of webs) web.room.wake('here');
      for (const job of jobs) {
        const [run, ...others] = await allEnded(job, 1);
        expect(others).to.deep.equal([]);
        expect(run).to.include({ state: 'completed', trigger: 'cron' });
      }
      const now = webs[0]?.room.now() ?? 0;
      const next = await rooms.database.script('SELECT next_at FROM schedules');
      expect(next).to.have.length(8);
      for (const { next_at } of next) expect(Number(next_at)).to.be.within(now - 1000, now + 5 * minute);
      expect(new Set(rooms.calls).size).to.equal(rooms.calls.length);
      for (const job of jobs) await webs[0]?.room.store.write((tx) => tx.setSchedule(job.id, null));
    });

    it('skip a tick, or cancel what runs, as the job says, whoever runs it', async () => {
      const release = rooms.hold();
      const jobs = await Promise.all(
        (['skip', 'cancel_running'] as const).map((overlapPolicy) =>
          rooms.job({ cron: '*/5 * * * *', overlapPolicy, maxAttempts: 1 }),
        ),
      );
      const [skipping, canceling] = jobs as [Job, Job];
      const first = await Promise.all(jobs.map((job) => rooms.trigger(webs[0] as TestWeb, job)));
      await waitFor('their starts', () => first.every(({ run }) => rooms.calls.includes(run.id)));
      await rooms.database.script(`UPDATE schedules SET next_at = next_at - ${5 * minute}`);
      for (const web of webs) web.room.wake('here');
      await waitFor('the one that takes its place', async () => (await rooms.runs(canceling)).length === 2);
      await waitFor('the cancel', async () => states(await rooms.runs(canceling)).includes('canceled'));
      release();
      expect(states(await allEnded(canceling, 2))).to.deep.equal(['canceled', 'completed']);
      expect(states(await allEnded(skipping, 1))).to.deep.equal(['completed']);
      for (const job of jobs) await webs[0]?.room.store.write((tx) => tx.setSchedule(job.id, null));
    });

    it('make one run for an idempotency key, for the same payload, and for what is debounced', async () => {
      const release = rooms.hold();
      const keyed = await rooms.job();
      const byKey = await everywhere(4, (web) => rooms.trigger(web, keyed, { idempotencyKey: 'the same' }));
      expect(made(byKey)).to.equal(1);
      const deduped = await rooms.job({ dedupWindowSecs: 60 });
      const byPayload = await everywhere(4, (web) => rooms.trigger(web, deduped, { payload: { n: 1 } }));
      expect(made(byPayload)).to.equal(1);
      const debounced = await rooms.job({ debounceWindowSecs: 1 });
      const together = await everywhere(4, (web, n) => rooms.trigger(web, debounced, { payload: { n } }));
      expect(made(together)).to.equal(1);
      release();
      for (const job of [keyed, deduped, debounced]) expect(await allEnded(job, 1)).to.have.length(1);
    });

    it('begin a delayed run and a retry once, and expire what could not start', async () => {
      await Promise.all([beginsOnce(), triesAgainOnce(), expires()]);
    });

    const callsOf = (run: Pick<Run, 'id'>) => rooms.calls.filter((id) => id === run.id);

    async function beginsOnce(): Promise<void> {
      const at = (webs[0]?.room.now() ?? 0) + 300;
      const job = await rooms.job();
      const all = await everywhere(3, (web) => rooms.trigger(web, job, { scheduledAt: at }));
      for (const { startedAt } of await allEnded(job, 9)) expect(startedAt).to.be.at.least(at);
      for (const { run } of all) expect(callsOf(run)).to.have.length(1);
    }

    async function triesAgainOnce(): Promise<void> {
      const job = await rooms.job({ maxAttempts: 2, retryStrategy: 'fixed', retryDelaysSecs: [1] }, 503);
      const { run } = await rooms.trigger(webs[1] as TestWeb, job);
      expect(await rooms.ended(run)).to.include({ state: 'dead_letter', attempt: 2 });
      expect(callsOf(run)).to.have.length(2);
    }

    async function expires(): Promise<void> {
      const job = await rooms.job({ runTtlSecs: 1 });
      // Paused, nothing of it starts.
      await webs[0]?.room.store.write((tx) =>
        tx.setQueue({ name: 'held', paused: true, maxRunning: null }, 0),
      );
      await everywhere(1, (web) => rooms.trigger(web, job, { queue: 'held' }));
      expect(states(await allEnded(job, 3))).to.deep.equal(['expired', 'expired', 'expired']);
    }

    it('let nothing past a limit, and let the newest supersede the others', async () => {
      const release = rooms.hold();
      const policy = {
        supersedePolicy: 'cancel_in_progress',
        maxConcurrencyPerKey: 1,
        maxAttempts: 1,
      } as const;
      const job = await rooms.job(policy);
      const all = await everywhere(2, (web) => rooms.trigger(web, job, { concurrencyKey: 'main' }));
      expect(made(all)).to.equal(6);
      const canceled = () =>
        rooms.runs(job).then((runs) => states(runs).filter((state) => state === 'canceled'));
      await waitFor('the others to be gone', async () => (await canceled()).length === 5);
      release();
      await allEnded(job, 6);
      expect(await canceled()).to.have.length(5);
    });

    it('take a delivery of a webhook once, whichever of them it comes to', async () => {
      const headers = { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': randomUUID() };
      const body = {
        ref: 'refs/heads/main',
        after: 'a'.repeat(40),
        repository: { name: 'site', owner: { login: 'acme' }, full_name: 'acme/site' },
      };
      const answers = await Promise.all(
        [...webs, ...webs].map((web) => web.ask('POST', '/docker-build/github', { headers, body })),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(6).fill(202), answers[0]?.text);
      expect(new Set(answers.map(({ json }) => json['id'])).size).to.equal(1);
    });

    it('deliver what is to be told once', async () => {
      const job = await rooms.job({ webhookUrl: rooms.inbox });
      const all = await everywhere(5, (web) => rooms.trigger(web, job));
      await allEnded(job, 15);
      await waitFor('all deliveries', async () => {
        const open = await rooms.database.script("SELECT 1 FROM notifications WHERE state <> 'delivered'");
        return open.length === 0;
      });
      // Each was called once for itself, and once for what it tells.
      for (const { run } of all)
        expect(
          rooms.calls.filter((id) => id === run.id),
          run.id,
        ).to.have.length(2);
    });
  });
