import { expect } from 'chai';
import { type ContainerWorld, openContainerWorld, sh } from './containerWorld.ts';

const password = 'hunter2-hunter2';

describe('a container job', () => {
  let world: ContainerWorld;
  before(async () => {
    world = await openContainerWorld({
      env: { TEST_PASSWORD: password, DOCKER_BUILDER_CONCURRENCY: '4' },
      settings: {
        secrets: [{ name: 'password', value: 'env:TEST_PASSWORD', projects: ['acme'] }],
        limits: { buildMemoryBytes: 256 * 1024 ** 2 },
      },
    });
  });
  after(() => world.close());
  afterEach(() => world.nothingLeft());

  const idOf = (run: Record<string, unknown>) => String(run['id']);

  it('runs a command, and keeps its output, exit code and result', async () => {
    const script = `echo to out; echo to err >&2; echo '{"pages":[1,2]}'`;
    const run = await world.done({ ...sh(script), result: 'last_line' });
    expect(run).to.deep.include({ status: 'completed', attempt: 1, result: { pages: [1, 2] } });
    const log = await world.log(idOf(run));
    expect(log[0]).to.match(/^attempt 1 of acme\/\S+ on engine default$/);
    expect(log.slice(1, -1)).to.have.members(['to out', 'to err', '{"pages":[1,2]}']);
    expect(log.at(-1)).to.equal('completed');
    const [attempt] = await world.attempts(idOf(run));
    expect(attempt).to.include({ state: 'succeeded', exit_code: 0, engine: 'default' });
    expect(attempt?.phases.map(({ phase, exitCode }) => [phase, exitCode])).to.deep.equal([
      ['clone', 0],
      ['build', 0],
      ['push', 0],
    ]);
  });

  it('is not tried again where its command fails and the job does not say so', async () => {
    const run = await world.done(sh('exit 3'));
    expect(run).to.include({ status: 'dead_letter', attempt: 1 });
    expect((await world.attempts(idOf(run)))[0]).to.include({ reason: 'command_failed', exit_code: 3 });
  });

  it('is stopped by a cancel', async () => {
    const id = await world.start({ ...sh('trap "echo bye; exit 0" TERM; echo begun; sleep 60 & wait') });
    await world.printed(id, /^begun$/);
    await world.cancel(id);
    expect(await world.ended(id)).to.include({ status: 'canceled' });
    expect(await world.log(id)).to.include('bye');
  });

  it('is killed where its time is over and it does not go', async () => {
    const container = { ...sh('trap "" TERM; echo begun; while :; do sleep 1; done'), stop_grace_secs: 1 };
    const run = await world.done(container, { timeout_secs: 1 });
    expect(run).to.include({ status: 'timed_out', attempt: 1 });
    expect((await world.attempts(idOf(run)))[0]).to.include({ state: 'timed_out', reason: 'timeout' });
  });

  it('shows no secret in log, error and result', async () => {
    const container = { env: { PASSWORD: 'secret:password' }, result: 'last_line' };
    const script = `echo "it is $PASSWORD"; echo "$PASSWORD" | base64 >&2; echo "\\"$PASSWORD\\""`;
    const run = await world.done({ ...container, ...sh(script) });
    expect(run).to.deep.include({ status: 'completed', result: { value: '********' } });
    const log = (await world.log(idOf(run))).join('\n');
    expect(log).to.contain('it is ********').and.not.contain(password);
    expect(log).to.not.contain(Buffer.from(`${password}\n`).toString('base64'));
    const refused = await world.done({ ...sh('true'), env: { PASSWORD: 'secret:other' } });
    expect(refused).to.include({ status: 'dead_letter' });
    expect((await world.attempts(idOf(refused)))[0]).to.include({ reason: 'secret_refused' });
  });

  it('knows of its run what every container is told', async () => {
    const payload = { to: 'ünï "x"', list: [1, null] };
    const script = 'env | grep ^BARBEQUE_ | sort';
    const run = await world.done(sh(script), {}, { payload });
    const log = await world.log(idOf(run));
    const { slug } = (await (await world.server.request(`/v1/jobs/${String(run['job_id'])}`)).json()) as {
      slug: string;
    };
    expect(log.slice(1, -1)).to.deep.equal([
      `BARBEQUE_JOB=${slug}`,
      `BARBEQUE_MESSAGE=${JSON.stringify(payload)}`,
      `BARBEQUE_MESSAGE_ID=${idOf(run)}`,
      'BARBEQUE_QUEUE_NAME=default',
      'BARBEQUE_RETRY_COUNT=0',
      `BARBEQUE_SENT_TIMESTAMP=${Date.parse(String(run['created_at']))}`,
    ]);
  });

  it('counts tries of its own and those that clients asked for, and keeps the first run’s id', async () => {
    const fields = { max_attempts: 2, retry_strategy: 'fixed', retry_delays_secs: [1] };
    const job = await world.job(sh('echo $BARBEQUE_MESSAGE_ID $BARBEQUE_RETRY_COUNT; exit 1'), fields);
    const first = await world.trigger(job);
    expect(await world.ended(first)).to.include({ status: 'dead_letter', attempt: 2 });
    const response = await world.server.request(`/v1/runs/${first}/replay`, { method: 'POST' });
    const { id: again } = (await response.json()) as { id: string };
    await world.ended(again);
    const told = [...(await world.log(first)), ...(await world.log(again))].filter((line) =>
      line.startsWith(first),
    );
    expect(told).to.deep.equal([0, 1, 2, 3].map((count) => `${first} ${count}`));
  });

  it('gets a message that no environment variable can hold by a file', async () => {
    const payload = { text: 'x'.repeat(200_000) };
    const script = 'echo "${BARBEQUE_MESSAGE-none}"; wc -c < "$BARBEQUE_MESSAGE_FILE"';
    const run = await world.done(sh(script), {}, { payload });
    expect((await world.log(idOf(run))).slice(1, -1)).to.deep.equal([
      'none',
      String(JSON.stringify(payload).length),
    ]);
  });

  it('has no network of the machine, whoever asks for it, and the limits of the settings', async () => {
    const response = await world.server.request('/v1/jobs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        project_id: 'acme',
        slug: 'host',
        name: 'host',
        container: { ...sh('true'), network: 'host' },
      }),
    });
    expect(response.status).to.equal(400);
    const script = 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null';
    const run = await world.done(sh(`${script}; true`));
    expect(await world.log(idOf(run))).to.include(String(256 * 1024 ** 2));
  });

  it('says where its image is not to be had', async () => {
    const run = await world.done({ image: 'localhost:9/acme/none@sha256:' + '1'.repeat(64), pull: 'never' });
    expect(run).to.include({ status: 'dead_letter' });
    expect((await world.attempts(idOf(run)))[0]).to.include({ reason: 'image_not_found' });
  });
});
