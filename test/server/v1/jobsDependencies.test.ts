import { expect } from 'chai';
import { healthJson } from '../../../server/doors/v1/present/health.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import { openV1, type ShownJob, type V1 } from './fixture.ts';

describe('dependencies between jobs', () => {
  let v1: V1;
  let jobs: ShownJob[];
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());
  beforeEach(async () => (jobs = [await v1.job(), await v1.job(), await v1.job()]));

  const job = (at: number): ShownJob => {
    const found = jobs[at];
    if (!found) throw new Error(`there are not ${at} jobs`);
    return found;
  };
  const depend = (from: number, to: number, fields: object = {}) =>
    v1.post(`/v1/jobs/${job(from).id}/dependencies`, { depends_on_job_id: job(to).id, ...fields });

  it('are made, listed newest first and removed (I8, I9, I16-I18)', async () => {
    const first = await depend(0, 1);
    expect(first.status).to.equal(201);
    expect(first.json).to.deep.include({
      job_id: job(0).id,
      depends_on_job_id: job(1).id,
      condition: 'completed',
    });
    const second = await depend(0, 2, { condition: 'any', depends_on_job_id: job(2).slug });
    const path = `/v1/jobs/${job(0).id}/dependencies`;
    expect((await v1.get(path)).list).to.deep.equal([second.json, first.json]);
    const id = String(first.json['id']);
    expect((await v1.delete(`/v1/jobs/${job(1).id}/dependencies/${id}`)).status).to.equal(404);
    expect((await v1.delete(`${path}/${id}`)).status).to.equal(204);
    expect((await v1.delete(`${path}/${id}`)).status).to.equal(404);
    expect((await v1.get(path)).list).to.deep.equal([second.json]);
    expect((await depend(1, 2, { condition: 'failed' })).status).to.equal(201);
  });

  it('are refused where they make no sense (I9-I15)', async () => {
    const other = await v1.job({ project_id: 'p2' });
    const refusals: [body: object, sentence: string][] = [
      [{}, 'depends_on_job_id is required'],
      [{ depends_on_job_id: job(0).id }, 'job cannot depend on itself'],
      [{ depends_on_job_id: 'nobody' }, 'depends_on_job_id does not exist'],
      [{ depends_on_job_id: other.id }, 'dependency jobs must belong to the same project'],
      [
        { depends_on_job_id: job(1).id, condition: 'sometimes' },
        'condition must be one of: completed, failed, any',
      ],
    ];
    for (const [body, sentence] of refusals) {
      const { status, json } = await v1.post(`/v1/jobs/${job(0).id}/dependencies`, body);
      expect([status, json['error']]).to.deep.equal([400, sentence]);
    }
    await depend(0, 1);
    expect((await depend(0, 1)).status).to.equal(409);
    await depend(1, 2);
    for (const [from, to] of [
      [1, 0],
      [2, 0],
    ] as const) {
      const { status, json } = await depend(from, to);
      expect(status).to.equal(400);
      expect(json['error']).to.contain('cycle');
    }
  });

  it('cannot become a cycle by two requests at once', async () => {
    const answers = await Promise.all([depend(0, 1), depend(1, 2), depend(2, 0)]);
    expect(answers.map(({ status }) => status)).to.have.members([201, 201, 400]);
  });

  it('hold nothing back once they are gone (E19)', async () => {
    const waiting = async () => {
      const { run } = await submit(v1.room, { job: { id: job(0).id }, trigger: 'api' });
      expect(run.state).to.equal('waiting');
      return async () => (await v1.room.store.read.run(run.id))?.state;
    };
    const made = await depend(0, 1);
    const first = await waiting();
    await v1.delete(`/v1/jobs/${job(0).id}/dependencies/${String(made.json['id'])}`);
    expect(await first()).to.equal('queued');
    await depend(0, 2);
    const second = await waiting();
    expect((await v1.delete(`/v1/jobs/${job(2).id}`)).status).to.equal(204);
    expect(await second()).to.equal('queued');
    expect((await v1.get(`/v1/jobs/${job(0).id}/dependencies`)).list).to.deep.equal([]);
  });
});

describe('the health of a job', () => {
  const score = (byState: object, averageMs = 0, p95Ms = 0) =>
    healthJson('id', '7d', 0, { byState, averageMs, p95Ms, p99Ms: p95Ms });

  it('is a score of success and of a steady duration (I5-I7)', () => {
    expect(score({ completed: 10 }, 1000, 1000)).to.include({ success_rate: 100, health_score: 100 });
    const mixed = score({ completed: 85, failed: 15 }, 10_000, 30_000);
    expect(mixed).to.include({
      total_runs: 100,
      success_rate: 85,
      avg_duration_secs: 10,
      health_score: 74.5,
    });
    expect(score({ completed: 1, timed_out: 1 }, 1000, 5000)).to.include({ health_score: 35 });
    expect(score({ canceled: 3 })).to.include({ success_rate: 0, health_score: 0 });
  });

  it('counts what gave up as failed, and both kinds of crashes', () => {
    const counted = score({ dead_letter: 1, failed: 2, crashed: 3, system_failed: 4, expired: 5 });
    expect(counted).to.include({ failed_runs: 3, crashed_runs: 7, expired_runs: 5, total_runs: 15 });
  });

  it('is asked for a window (I1-I4)', async () => {
    await using v1 = await openV1();
    const job = await v1.job();
    const { status, json } = await v1.get(`/v1/jobs/${job.id}/health`);
    expect(status).to.equal(200);
    expect(json).to.include({
      job_id: job.id,
      window: '7d',
      total_runs: 0,
      success_rate: 0,
      health_score: -1,
    });
    for (const window of ['1h', '1d', '7d', '30d'])
      expect((await v1.get(`/v1/jobs/${job.id}/health?window=${window}`)).json['window']).to.equal(window);
    for (const window of ['2w', '', 'toString']) {
      const bad = await v1.get(`/v1/jobs/${job.id}/health?window=${window}`);
      expect([bad.status, bad.json['error']]).to.deep.equal([
        400,
        'invalid window: must be 1h, 1d, 7d, or 30d',
      ]);
    }
    expect((await v1.get('/v1/jobs/nobody/health')).status).to.equal(404);
  });
});
