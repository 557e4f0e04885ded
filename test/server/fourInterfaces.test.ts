import { expect } from 'chai';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';

type Json = Record<string, unknown>;

/** A run as each of the four interfaces shows it. */
interface Seen {
  build: Json;
  buildLog: string[];
  execution: Json;
  attempt: Json;
  attemptLog: { combined: string[]; stdout: string; isFinished: unknown };
  scaleJob: Json;
  run: Json;
  events: string[];
}

/** What each of them calls a state. */
interface Words {
  build: string;
  execution: string;
  attempt: string;
  job: string;
  run: string;
}

const words = {
  running: {
    build: 'building',
    execution: 'running',
    attempt: 'RUNNING',
    job: 'RUNNING',
    run: 'executing',
  },
  completed: {
    build: 'completed',
    execution: 'success',
    attempt: 'COMPLETED',
    job: 'COMPLETED',
    run: 'completed',
  },
  failed: { build: 'errored', execution: 'failed', attempt: 'FAILED', job: 'FAILED', run: 'dead_letter' },
  canceled: {
    build: 'canceled',
    execution: 'error',
    attempt: 'CANCELED',
    job: 'CANCELED',
    run: 'canceled',
  },
} satisfies Record<string, Words>;

/** Says what it was told and gives it back, fails where that is `fail`, and stays where it is `stay`. */
const script = `echo "told $BARBEQUE_MESSAGE"; echo aside >&2
case $BARBEQUE_MESSAGE in
  *fail*) exit 3 ;;
  *stay*) sleep 60 & wait ;;
esac
echo "$BARBEQUE_MESSAGE"`;

describe('one job with four interfaces', () => {
  let world: World;
  before(async () => {
    world = await openWorld({ env: { DOCKER_BUILDER_CONCURRENCY: '4' } });
    await createRepository(world.git, 'acme/site', { Dockerfile: 'FROM busybox\nRUN echo made\n' });
    const container = { image: 'busybox', command: ['sh', '-c', script], result: 'last_line' };
    await post('/v1/jobs', { project_id: 'acme', name: 'Report', slug: 'report', container });
  });
  after(() => world?.close());

  const ask = async (path: string): Promise<Json> => {
    const response = await world.server.request(path);
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).to.equal(200);
    return JSON.parse(text) as Json;
  };
  const textOf = async (path: string) => (await world.server.request(path)).text();
  const send = (method: string, path: string, body?: object) =>
    world.server.request(path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const post = async (path: string, body: object): Promise<{ answer: Json; location: string | null }> => {
    const response = await send('POST', path, body);
    const text = await response.text();
    expect(response.ok, `${path}: ${response.status} ${text}`).to.equal(true);
    return { answer: JSON.parse(text) as Json, location: response.headers.get('Location') };
  };

  /** Each makes a run of acme's job through one interface, and gives its id. */
  const makers = {
    async 'POST /jobs'(job: string) {
      return String((await post('/jobs', { account: 'acme', repo: job, ref: 'main' })).answer['id']);
    },
    async 'POST /v2/job_executions'(job: string, message: Json) {
      const wish = { application: 'acme', job, queue: 'default', message };
      return String((await post('/v2/job_executions', wish)).answer['message_id']);
    },
    async 'POST /v3/queue/new-job/'(job: string, message: Json) {
      const { results } = (await ask(`/v3/job-types/?name=${job}`)) as { results: Json[] };
      const input = Object.entries(message).map(([name, value]) => ({ name, value }));
      const wish = { job_type_id: results[0]?.['id'], job_data: { input_data: input } };
      const { location } = await post('/v3/queue/new-job/', wish);
      return idOfExecution(Number(/\/job-executions\/(\d+)\/$/.exec(location ?? '')?.[1]));
    },
    async 'POST /v1/jobs/:id/trigger'(job: string, message: Json) {
      const { answer } = await post(`/v1/jobs/${job}/trigger?project_id=acme`, { payload: message });
      return String(answer['id']);
    },
  };

  /** Scale has numbers only: the run is the one whose Barbeque id is that of its execution. */
  async function idOfExecution(key: number): Promise<string> {
    const runs = (await ask('/v1/runs?project_id=acme')) as unknown as { id: string }[];
    return waitFor(`execution ${key} to be started`, async () => {
      for (const { id } of runs) if ((await ask(`/v1/job_executions/${id}`))['id'] === key) return id;
      return undefined;
    });
  }

  async function look(id: string): Promise<Seen> {
    const execution = await ask(`/v1/job_executions/${id}?fields=*`);
    const path = `/job-executions/${String(execution['id'])}`;
    const attempt = await ask(`${path}/`);
    const { stdout, is_finished: isFinished } = await ask(`${path}/logs/`);
    const events = (await ask(`/v1/runs/${id}/events`)) as unknown as { type: string; message: string }[];
    return {
      build: await ask(`/jobs/${id}`),
      buildLog: (await textOf(`/jobs/${id}/log`)).split('\n').slice(0, -1),
      execution,
      attempt,
      attemptLog: {
        combined: (await textOf(`${path}/logs/combined/?format=txt`)).split('\n'),
        stdout: String(stdout),
        isFinished,
      },
      scaleJob: await ask(`/v3/jobs/${String((attempt['job'] as Json)['id'])}/`),
      run: await ask(`/v1/runs/${id}`),
      events: events.filter(({ type }) => type === 'log').map(({ message }) => message),
    };
  }

  const ended = async (id: string): Promise<Seen> => {
    await waitFor(`the end of ${id}`, async () => (await ask(`/v1/runs/${id}`))['finished_at']);
    return look(id);
  };

  it('shows what was built through any of them in all of them', async () => {
    const made = new Map<string, string>();
    for (const [name, make] of Object.entries(makers)) made.set(await make('site', { ref: 'main' }), name);
    expect(made.size).to.equal(4);
    for (const [id, name] of made) {
      const seen = await ended(id);
      expectOne(id, seen, words.completed);
      expectImage(seen);
      const message = name === 'POST /jobs' ? null : { ref: 'main' };
      expect(seen.execution['message'], name).to.deep.equal(message);
    }
  });

  for (const name of Object.keys(makers).slice(1) as (keyof typeof makers)[])
    it(`shows what a container did that was asked for by ${name} in all of them`, async () => {
      const id = await makers[name]('report', { recipe: 1 });
      const seen = await ended(id);
      expectOne(id, seen, words.completed);
      expect(seen.build).to.include({ kind: 'container', account: 'acme', repo: 'report', ref: '' });
      const message = { recipe: 1 };
      expect(seen.execution['message']).to.deep.equal(message);
      expect(seen.run['payload']).to.deep.equal(message);
      expect(seen.scaleJob).to.have.deep.nested.property('data.input_data', [{ name: 'recipe', value: 1 }]);
      expect(seen.run['result']).to.deep.equal(message);
      expect(seen.attempt).to.have.deep.nested.property('results.output_data', [
        { name: 'output', value: message },
      ]);
      expect(seen.attemptLog.stdout.replaceAll(' ', '')).to.equal('told{"recipe":1}\n{"recipe":1}\n');
    });

  it('says why a run failed in the words of each of them', async () => {
    const seen = await ended(await makers['POST /v3/queue/new-job/']('report', { what: 'fail' }));
    expectOne(String(seen.run['id']), seen, words.failed);
    const said = 'the container ended with exit code 3';
    expect(seen.build).to.include({ reason: 'command_failed', error: said });
    expect(seen.run).to.include({ error: said });
    expect(seen.attempt).to.include({ job_exit_code: 3, post_started: null });
    expect(seen.attempt).to.have.nested.property('error.name', 'algorithm-unknown');
    expect(seen.attempt).to.have.nested.property('results_manifest.errors[0].message', said);
    expect(seen.run).not.to.have.property('result');
    expect(seen.attempt['results']).to.deep.equal({});
  });

  const cancels: Record<string, (seen: Seen) => Promise<Response>> = {
    'DELETE /jobs/:id': ({ build }) => send('DELETE', `/jobs/${String(build['id'])}`),
    'DELETE /v1/runs/:id': ({ run }) => send('DELETE', `/v1/runs/${String(run['id'])}`),
    'PATCH /v3/jobs/:id/': ({ scaleJob }) =>
      send('PATCH', `/v3/jobs/${String(scaleJob['id'])}/`, { status: 'CANCELED' }),
  };
  for (const [name, cancel] of Object.entries(cancels))
    it(`shows a run while it is under way, and its cancel by ${name}, in all of them`, async () => {
      const id = await makers['POST /v2/job_executions']('report', { what: 'stay' });
      await waitFor('its output', async () => {
        const log = await textOf(`/jobs/${id}/log`);
        return /^aside$/m.test(log) && /^told/m.test(log);
      });
      const running = await look(id);
      expectOne(id, running, words.running);
      expect((await cancel(running)).ok).to.equal(true);
      const seen = await ended(id);
      expectOne(id, seen, words.canceled);
      expect(seen.attempt['error']).to.equal(null);
      expect(seen.run['started_at']).to.equal(running.run['started_at']);
      expect(seen.buildLog.slice(0, running.buildLog.length)).to.deep.equal(running.buildLog);
    });
});

/** The same run everywhere: id, state, times and log. */
function expectOne(id: string, seen: Seen, state: Words): void {
  expect(seen.build).to.include({ id, status: state.build });
  expect(seen.execution).to.include({ message_id: id, status: state.execution });
  expect(seen.attempt).to.include({ id: seen.execution['id'], status: state.attempt });
  expect(seen.scaleJob).to.include({ status: state.job, num_exes: 1 });
  expect(seen.run).to.include({ id, status: state.run, attempt: 1 });
  expectTimes(seen, state !== words.running);
  expectLog(seen, state !== words.running);
}

function expectTimes({ build, attempt, scaleJob, run }: Seen, hasEnded: boolean): void {
  const none = '0001-01-01T00:00:00Z';
  const end = hasEnded ? run['finished_at'] : null;
  expect(build).to.include({ created: run['created_at'], completed: end ?? none });
  expect(attempt).to.include({ started: run['started_at'], ended: end });
  expect(scaleJob).to.include({ created: run['created_at'], started: run['started_at'], ended: end });
}

function expectLog({ buildLog, attemptLog, events }: Seen, hasEnded: boolean): void {
  expect(buildLog[0]).to.match(/^attempt 1 of acme\//);
  expect(attemptLog.combined).to.deep.equal(buildLog);
  expect(events).to.deep.equal(buildLog);
  expect(attemptLog.isFinished).to.equal(hasEnded);
}

/** The image is the same in the result of each of them that tells results. */
function expectImage({ build, attempt, run }: Seen): void {
  const image = (run['result'] as { images: Json[] }).images[0] ?? {};
  expect(build['image']).to.deep.include({ id: image['id'], tags: image['tags'], bytes: image['bytes'] });
  const [output] = (attempt['results'] as { output_data: Json[] }).output_data;
  expect(output).to.deep.include({
    file_id: image['number'],
    image_id: image['id'],
    tags: image['tags'],
    size: image['bytes'],
  });
}
