import { expect } from 'chai';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { postJob, untilEnded } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { known } from '../store/temporaryStore.ts';
import { making, openScale, type Page, type Shown, someJob } from './executionFixture.ts';

const later = ['pre', 'job', 'post'];

describe('the life of an execution', () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    world = await openWorld({ env: { DOCKER_BUILDER_TIMEOUT: '8', DOCKER_BUILDER_CONCURRENCY: '1' } });
    gate = await openGate(world.engine);
    const files = {
      good: `FROM busybox\nARG DOOR\nRUN ${gate.pass('good')}; echo made\n`,
      bad: 'FROM busybox\nRUN echo no >&2; exit 7\n',
      slow: `FROM busybox\nRUN ${gate.pass('never')}\n`,
    };
    for (const [repo, Dockerfile] of Object.entries(files))
      await createRepository(world.git, `acme/${repo}`, { Dockerfile }, { branch: 'main' });
  });
  after(async () => {
    await gate.close();
    await world.close();
  });

  const get = async (path: string): Promise<Shown> => {
    const response = await world.server.request(path);
    expect(response.status, path).to.equal(200);
    return (await response.json()) as Shown;
  };
  const post = async (repo: string, ref = 'main'): Promise<{ run: string; id: number }> => {
    const { id: run } = await postJob(world.server, { account: 'acme', repo, ref });
    const { results } = (await get('/job-executions/?order=-id&page_size=1')) as unknown as Page;
    return { run, id: Number(results[0]?.['id']) };
  };
  const show = (id: number): Promise<Shown> => get(`/v3/job-executions/${id}/`);
  const stop = (run: string) => world.server.request(`/jobs/${run}`, { method: 'DELETE' });
  const nulls = (shown: Shown, tasks: readonly string[]): void => {
    for (const task of tasks)
      for (const what of ['started', 'completed', 'exit_code'])
        expect(shown[`${task}_${what}`], `${task}_${what}`).to.equal(null);
  };

  it('goes from QUEUED over its tasks to COMPLETED, or is canceled before (H1, H2, H7, H8, H13)', async () => {
    const { run, id } = await post('good');
    const waiting = await post('bad');
    const queued = await show(waiting.id);
    expect(queued).to.include({
      status: 'QUEUED',
      started: null,
      ended: null,
      node: null,
      cpus_scheduled: null,
    });
    expect(queued).to.include({
      command_arguments: `build -f Dockerfile ${world.git.url}/acme/bad.git#main`,
    });
    nulls(queued, later);

    await stop(waiting.run);
    const canceled = await show(waiting.id);
    expect(canceled).to.include({ status: 'CANCELED', started: null, node: null, error: null });
    expect(canceled['ended']).to.be.a('string');
    expect(canceled['job']).to.include({ status: 'CANCELED', error: null });
    expect(modified(canceled)).to.be.greaterThan(modified(queued));

    await waitFor('the RUN to begin', async () => gate.reached('good'));
    const running = await waitFor('the phase to be known', async () => {
      const shown = await show(id);
      return shown['job_started'] === null ? undefined : shown;
    });
    expect(running).to.include({ status: 'RUNNING', ended: null, pre_exit_code: 0, error: null });
    expect(running['node']).to.include({ port: 0, is_active: true });
    expect(running['job']).to.include({ status: 'RUNNING', num_exes: 1, priority: 100 });
    for (const amount of ['cpus', 'mem', 'disk_in', 'disk_out', 'disk_total'])
      expect(running[`${amount}_scheduled`]).to.be.a('number');
    expect(running['command_arguments']).to.match(/good\.git#[0-9a-f]{40}$/);
    expect(running['current_stdout_url']).to.equal(
      `${world.server.url}/v3/job-executions/${id}/logs/stdout/`,
    );
    nulls(running, ['post']);

    gate.open('good');
    const job = await untilEnded(world.server, run);
    const done = await show(id);
    expect(done).to.include({ status: 'COMPLETED', error: null, timeout: 8 });
    for (const task of later) expect(done[`${task}_exit_code`], task).to.equal(0);
    const times = later.flatMap((task) => [done[`${task}_started`], done[`${task}_completed`]]);
    const inOrder = [done['created'], done['started'], ...times, done['ended']].map(String);
    expect(inOrder).to.deep.equal(inOrder.toSorted());
    expect(modified(done)).to.be.greaterThan(modified(running));
    const { output_data: results } = done['results'] as { output_data: Shown[] };
    expect(results[0]).to.include({ name: 'good', image_id: job.image?.id });
    expect(done['results_manifest']).to.deep.include({ version: '1.1', errors: [] });
    const since = `/job-executions/?started=${String(running['last_modified'])}&status=COMPLETED`;
    expect(((await get(since)) as unknown as Page).results.map((one) => one['id'])).to.deep.equal([id]);

    const logs = await get(`/job-executions/${id}/logs/`);
    expect(logs).to.include({ is_finished: true });
    expect(logs['stdout']).to.match(/^made$/m);
    expect(logs['stderr']).to.match(/^attempt 1 of acme\/good main on engine /);
  });

  it('fails where its source cannot be had (H5)', async () => {
    const { run, id } = await post('good', 'nothing');
    await untilEnded(world.server, run);
    const failed = await show(id);
    expect(failed).to.include({ status: 'FAILED' });
    expect(failed['pre_exit_code']).to.be.a('number').and.not.equal(0);
    expect(failed['ended']).to.be.a('string');
    expect(failed['error']).to.include({ name: 'source-fetch', category: 'DATA' });
    nulls(failed, ['job', 'post']);
  });

  it('fails where a step does (H6, H7)', async () => {
    const { run, id } = await post('bad');
    await untilEnded(world.server, run);
    const failed = await show(id);
    expect(failed).to.include({ status: 'FAILED', pre_exit_code: 0, job_exit_code: 7 });
    expect(failed['error']).to.include({ name: 'algorithm-unknown' });
    expect(failed['results']).to.deep.equal({});
    const { errors } = failed['results_manifest'] as { errors: Shown[] };
    expect(errors[0]).to.include({ name: 'algorithm-unknown', phase: 'build' });
    nulls(failed, ['post']);
  });

  it('ends when somebody cancels it, or its time is over', async () => {
    const canceled = await post('slow');
    await waitFor('the RUN to begin', async () => gate.reached('never'));
    await stop(canceled.run);
    await untilEnded(world.server, canceled.run);
    expect(await show(canceled.id)).to.include({ status: 'CANCELED', error: null });
    const late = await post('slow');
    await untilEnded(world.server, late.run);
    const shown = await show(late.id);
    expect(shown).to.include({ status: 'FAILED' });
    expect(shown['error']).to.include({ name: 'timeout', category: 'ALGORITHM' });
    expect(shown['job']).to.include({ status: 'FAILED', num_exes: 1 });
  });
});

describe('the life of executions of one run', () => {
  it('ends one FAILED and begins the next QUEUED at once (H12, H13)', async () => {
    const web = await openScale();
    try {
      const run = await making(web.room, async (make) =>
        make.run(await someJob(make.tx, { slug: 'again' }), Date.now() - 60_000),
      );
      const seen: string[] = [];
      const look = async (): Promise<unknown[]> => {
        const { results } = await web.page('/job-executions/?order=id');
        seen.push(String(results[0]?.['last_modified']));
        return results.map(({ status, job }) => [
          status,
          (job as Shown)['status'],
          (job as Shown)['num_exes'],
        ]);
      };
      expect(await look()).to.deep.equal([['QUEUED', 'QUEUED', 1]]);
      await making(web.room, ({ take }) => take('node', Date.now() - 60_000));
      expect(await look()).to.deep.equal([['RUNNING', 'RUNNING', 1]]);
      await making(web.room, async ({ tx, end }) => {
        const [attempt] = await tx.attempts(run.id);
        if (!attempt) throw new Error('it has no attempt');
        await end({ run: await known(tx.run(run.id)), attempt }, Date.now(), { reason: 'engine_lost' });
      });
      expect(await look()).to.deep.equal([
        ['FAILED', 'QUEUED', 2],
        ['QUEUED', 'QUEUED', 2],
      ]);
      expect(seen).to.deep.equal([...new Set(seen)].toSorted());
    } finally {
      await web.close();
    }
  });
});

function modified(shown: Shown): number {
  return Date.parse(String(shown['last_modified']));
}
