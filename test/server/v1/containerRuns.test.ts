import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { getJob, tailOf, untilEnded, untilStatus } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { checkAnswer } from './checkAnswer.ts';

const run = promisify(execFile);

type Json = Record<string, unknown>;
interface ShownRun extends Json {
  id: string;
  status: string;
  error?: string;
}

const shell = (line: string) => ['sh', '-c', line];
const page = new URL('../../../docs/containers.md', import.meta.url);

describe('container jobs through /v1', () => {
  let world: World;
  before(async () => (world = await openWorld()));
  after(() => world.close());

  async function ask(method: string, path: string, body?: object): Promise<{ status: number; json: Json }> {
    const response = await world.server.request(path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    checkAnswer(method, path, response.status, text);
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Json };
  }

  async function job(slug: string, container: object, fields: object = {}): Promise<string> {
    const names = { project_id: 'acme', name: slug, slug };
    const { status, json } = await ask('POST', '/v1/jobs', {
      ...names,
      container: { image: 'busybox', pull: 'never', ...container },
      ...fields,
    });
    expect(status, JSON.stringify(json)).to.equal(201);
    return `/v1/jobs/${String(json['id'])}`;
  }

  async function trigger(path: string, body: object = {}): Promise<ShownRun> {
    const { status, json } = await ask('POST', `${path}/trigger`, body);
    expect(status, JSON.stringify(json)).to.equal(202);
    return json as ShownRun;
  }

  const ended = async ({ id }: { id: string }) => {
    await untilEnded(world.server, id);
    return (await ask('GET', `/v1/runs/${id}`)).json as ShownRun;
  };
  const attemptsOf = async ({ id }: { id: string }) =>
    (await (await world.server.request(`/jobs/${id}/attempts`)).json()) as Json[];

  it('get their message, and give their result', async () => {
    const path = await job('echo', {
      command: shell('cat; echo; echo "$A"'),
      message: 'stdin',
      env: { A: '{"a":1}' },
      result: 'last_line',
    });
    const done = await ended(await trigger(path, { payload: { recipe: 1 } }));
    expect(done, done.error).to.deep.include({ status: 'completed', result: { a: 1 }, attempt: 1 });
    expect(await tailOf(world.server, done.id)).to.contain('{"recipe":1}\n{"a":1}\n');
    expect(await getJob(world.server, done.id)).to.include({
      kind: 'container',
      ref: '',
      status: 'completed',
    });
    const [attempt] = await attemptsOf(done);
    expect(attempt).to.include({ number: 1, state: 'succeeded', exit_code: 0 });
    expect((attempt?.['phases'] as Json[] | undefined)?.map(({ phase }) => phase)).to.deep.equal([
      'clone',
      'build',
      'push',
    ]);
    const { json: health } = await ask('GET', `${path}/health`);
    expect(health).to.include({ total_runs: 1, completed_runs: 1 });
  });

  it('end with their exit code, and go again where the job says so', async () => {
    const command = shell('echo "try $BARBEQUE_RETRY_COUNT"; test "$BARBEQUE_RETRY_COUNT" = 1 || exit 3');
    const once = await ended(await trigger(await job('once', { command })));
    expect(once).to.include({ status: 'dead_letter', attempt: 1 });
    expect((await attemptsOf(once)).map((one) => one['exit_code'])).to.deep.equal([3]);
    expect(await getJob(world.server, once.id)).to.include({ status: 'errored', reason: 'command_failed' });
    const again = await ended(
      await trigger(await job('again', { command }, { max_attempts: 2, retry_strategy: 'fixed' })),
    );
    expect(again, again.error).to.include({ status: 'completed', attempt: 2 });
  });

  it('stop when they are canceled, and leave nothing behind', async () => {
    const path = await job('slow', { command: shell('echo begun; exec sleep 60'), stop_grace_secs: 1 });
    const { id } = await trigger(path);
    await untilStatus(world.server, id, ['building']);
    expect((await ask('DELETE', `/v1/runs/${id}`)).status).to.equal(204);
    expect(await ended({ id })).to.include({ status: 'canceled' });
    const { stdout } = await run('docker', ['ps', '-aq', '--filter', 'label=docker-builder.store'], {
      env: { PATH: process.env['PATH'], DOCKER_HOST: world.engine.host },
    });
    expect(stdout).to.equal('');
  });

  it('do what docs/containers.md says, example by example', async () => {
    const source = await createRepository(world.git, 'acme/site', {
      Dockerfile: 'FROM busybox\nRUN echo one > /version\n',
    });
    const text = await readFile(page, 'utf8');
    const blocks = [...text.matchAll(/```(bash|json)\n([^`]+)```/g)].map(([, kind = '', code = '']) => ({
      kind,
      code,
    }));
    expect(blocks.map(({ kind }) => kind)).to.deep.equal(['bash', 'json', 'bash']);
    const [first, whole, build] = blocks.map(({ code }) => code);

    await type(first);
    const greeted = await newest('greet');
    expect(await ended(greeted)).to.deep.include({ status: 'completed', result: { recipe: 1 } });
    expect(await tailOf(world.server, greeted.id)).to.contain('working\n');

    const { status, json } = await ask('POST', '/v1/jobs', {
      project_id: 'acme',
      name: 'Report',
      slug: 'report',
      container: JSON.parse(whole ?? '') as unknown,
    });
    expect(status, JSON.stringify(json)).to.equal(201);

    await type(build);
    const built = await ended(await newest('site'));
    expect(built).to.include({ status: 'completed' });
    expect((built['result'] as Json)['commit']).to.equal(source.commit);
    const checked = await newest('check-site');
    expect(await ended(checked)).to.include({ status: 'completed' });
    expect(await tailOf(world.server, checked.id)).to.contain('one\n');
  });

  /** Types what the page says into a terminal. Every answer has to be a success. */
  async function type(lines = ''): Promise<void> {
    const script = lines
      .replaceAll('http://localhost:5000', world.server.url)
      .replaceAll('curl -s', 'curl -sSf');
    await run('bash', ['-ec', script]);
  }

  async function newest(slug: string): Promise<ShownRun> {
    const { json: shown } = await ask('GET', `/v1/jobs/${slug}?project_id=acme`);
    const response = await world.server.request(`/v1/runs?project_id=acme&job_id=${String(shown['id'])}`);
    const [first] = (await response.json()) as ShownRun[];
    if (!first) throw new Error(`${slug} has no run`);
    return first;
  }
});
