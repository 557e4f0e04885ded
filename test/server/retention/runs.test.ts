import { expect } from 'chai';
import { checkSettings, type SettingsDraft } from '../../../server/config/settingsSchema.ts';
import type { Retention } from '../../../server/config/retentionSchema.ts';
import { collect } from '../../../server/room/retention/collect.ts';
import type { GcReport, Tally } from '../../../server/room/retention/report.ts';
import type { Run } from '../../../server/words/run.ts';
import { openV1, type ShownJob, type V1 } from '../v1/fixture.ts';
import { workOff } from '../v1/workOff.ts';

const dayMs = 24 * 3_600_000;

describe('retention of runs and logs', () => {
  let v1: V1;
  let rules: Retention;

  beforeEach(async () => {
    keepBy({});
    const changing = {
      get retention() {
        return rules;
      },
    };
    v1 = await openV1();
    const { policy } = v1.room;
    v1.room.policy = () => ({ ...policy(), ...changing });
  });
  afterEach(() => v1[Symbol.asyncDispose]());

  function keepBy(retention: SettingsDraft['retention']): void {
    rules = checkSettings({ retention }).settings.retention;
  }

  const clean = (isDryRun = false): Promise<GcReport> => collect(v1.room, { isDryRun, isAsked: true });

  async function trigger(job: ShownJob, body: object = {}): Promise<string> {
    const answer = await v1.post(`/v1/jobs/${job.id}/trigger`, body);
    expect(answer.status, answer.text).to.equal(202);
    return String(answer.json['id']);
  }

  /** Triggers and works off, with a log of so many bytes. */
  async function ran(job: ShownJob, how?: Parameters<typeof workOff>[1], bytes = 1000): Promise<string> {
    const id = await trigger(job);
    const log = await v1.room.logs.write(id);
    log.append('stdout', `${'x'.repeat(bytes - 1)}\n`);
    await log.end();
    const run = await workOff(v1.room, how);
    expect(run.id).to.equal(id);
    return id;
  }

  const failure = { reason: 'endpoint_rejected' } as const;
  const plain = ({ total, bytes, items }: Tally<object>): object => ({ total, bytes, items });
  const isThere = async (id: string): Promise<boolean> => (await v1.room.store.read.run(id)) !== undefined;
  const stillThere = async (ids: readonly string[]): Promise<boolean[]> => Promise.all(ids.map(isThere));

  it('keeps everything where nothing is said', async () => {
    const job = await v1.job();
    const runs = [await ran(job), await ran(job), await ran(job, failure)];
    v1.pass(5000 * dayMs);
    const report = await clean();
    expect(report.runs.removed.total + report.logs.removed.total).to.equal(0);
    expect(await stillThere(runs)).to.deep.equal([true, true, true]);
  });

  it('removes old runs with their logs, but for the last success of each job', async () => {
    keepBy({ runs: { maxAgeDays: 10 } });
    const [one, two] = [await v1.job(), await v1.job()];
    const old = [
      await ran(one),
      await ran(one, failure),
      await ran(one),
      await ran(one, failure),
      await ran(two),
    ];
    v1.pass(11 * dayMs);
    const young = await ran(one, failure);
    const open = await trigger(two);

    const dry = await clean(true);
    expect(await stillThere(old)).to.deep.equal([true, true, true, true, true]);
    const report = await clean();
    expect(plain(dry.runs.removed)).to.deep.equal(plain(report.runs.removed));
    expect(report.runs.removed).to.deep.include({ total: 3 });
    expect(report.runs.removed.bytes).to.be.within(3000, 3200);
    expect(report.runs.removed.items.map(({ run }) => run)).to.deep.equal([old[0], old[1], old[3]]);
    expect(report.runs.left.items.map(({ run, why }) => `${run} ${why}`)).to.deep.equal(
      [old[2], old[4]].map((run) => `${run} it belongs to the last success of its job`),
    );
    expect(await stillThere(old)).to.deep.equal([false, false, true, false, true]);
    expect(await stillThere([young, open])).to.deep.equal([true, true]);
    expect(await v1.room.logs.lineCount(old[0] ?? '')).to.equal(undefined);
    expect(await v1.room.store.read.countRuns({ project: 'p1' })).to.equal(4);
    expect(await v1.room.logs.totalSize()).to.be.within(3000, 3200);
  });

  it('keeps so many of a job, whatever their age, and does as much at a time as there is', async () => {
    keepBy({ runs: { maxPerJob: 2 } });
    const [one, two] = [await v1.job(), await v1.job()];
    const success = await ran(one);
    const failures = [await ran(one, failure), await ran(one, failure), await ran(one, failure)];
    const other = [await ran(two), await ran(two)];
    const { runs } = await clean();
    expect(runs.removed.items.map(({ run }) => run)).to.deep.equal([failures[0]]);
    expect(await stillThere([success, ...failures, ...other])).to.deep.equal([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect((await clean()).runs.removed.total).to.equal(0);
  });

  it('keeps what a run that waits looks at, and what belongs to one that has not ended', async () => {
    keepBy({ runs: { maxAgeDays: 1 } });
    const [parent, other, child] = [await v1.job(), await v1.job(), await v1.job()];
    for (const { id } of [parent, other])
      await v1.post(`/v1/jobs/${child.id}/dependencies`, { depends_on_job_id: id });
    const needed = await ran(parent, failure);
    await ran(parent);
    const again = await v1.post(`/v1/runs/${needed}/replay`);
    const replay = String(again.json['id']);
    v1.pass(2 * dayMs);
    expect((await clean(true)).runs.left.items.map(({ why }) => why)).to.include(
      'a run that belongs to it has not ended',
    );
    expect((await workOff(v1.room, failure)).id).to.equal(replay);
    const waiting = await trigger(child);
    expect((await v1.room.store.read.run(waiting))?.state).to.equal('waiting');
    v1.pass(2 * dayMs);
    const { left } = (await clean()).runs;
    expect(left.items.find(({ run }) => run === needed)?.why).to.equal('a run waits for it');
    expect(await stillThere([needed, waiting])).to.deep.equal([true, true]);
    await v1.delete(`/v1/runs/${waiting}`);
    await clean();
    expect(await isThere(needed)).to.equal(false);
  });

  it('puts away old logs, and the oldest where all are too large: as archived ones', async () => {
    keepBy({ logs: { maxAgeDays: 10, maxBytes: 3500 } });
    const job = await v1.job();
    const old = await ran(job, failure);
    v1.pass(11 * dayMs);
    const success = await ran(job);
    const young = [await ran(job, failure), await ran(job, failure), await ran(job, failure)];
    const dry = await clean(true);
    const report = await clean();
    expect(plain(dry.logs.removed)).to.deep.equal(plain(report.logs.removed));
    expect(report.logs.removed.items.map(({ run }) => run)).to.deep.equal([old, young[0]]);
    expect(report.logs.left.items.map(({ run }) => run)).to.deep.equal([success]);
    expect(await archived([old, success, ...young])).to.deep.equal([true, false, true, false, false]);
    expect(await stillThere([old, ...young])).to.deep.equal([true, true, true, true]);
    expect(await v1.room.logs.totalSize()).to.be.within(3000, 3200);
  });

  it('makes room in the data folder above its budget, down to the lower mark', async () => {
    const job = await v1.job();
    const runs = [];
    for (let i = 0; i < 5; i++) runs.push(await ran(job));
    keepBy({ data: { highBytes: 5000, lowBytes: 2500 } });
    const { logs, data } = await clean();
    expect(data).to.include({ databaseBytes: 0, mirrorBytes: 0, removedBytes: logs.removed.bytes });
    expect(logs.removed.total).to.equal(3);
    expect(await archived(runs)).to.deep.equal([true, true, true, false, false]);
    expect((await clean()).logs.removed.total).to.equal(0);
  });

  it('refuses a second one at the same time, and names the first hundred only', async () => {
    keepBy({ runs: { maxPerJob: 1 } });
    const job = await v1.job();
    for (let i = 0; i < 105; i++) await trigger(job);
    for (let i = 0; i < 105; i++) await workOff(v1.room);
    const first = clean();
    const refusal: unknown = await clean().catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'conflict' });
    const { runs } = await first;
    expect(runs.removed.total).to.equal(104);
    expect(runs.removed.items).to.have.length(100);
    expect(v1.room.housekeeping).to.include({ isRunning: false });
    expect(v1.room.housekeeping.last?.runs.removed.total).to.equal(104);
  });

  async function archived(ids: readonly string[]): Promise<boolean[]> {
    const runs = await Promise.all(ids.map((id) => v1.room.store.read.run(id)));
    return runs.map((run: Run | undefined) => run !== undefined && run.archivedAt !== null);
  }
});
