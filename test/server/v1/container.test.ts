import { expect } from 'chai';
import { type Json, openV1, type V1 } from './fixture.ts';

const password = 'hunter22hunter22';
const digest = `sha256:${'a'.repeat(64)}`;

describe('the container of a job', () => {
  let v1: V1;
  before(async () => {
    v1 = await openV1();
    const source = { account: 'acme', repo: 'site' };
    await v1.post('/v1/jobs', { project_id: 'p1', slug: 'site', image: { source } });
    await v1.post('/v1/jobs', { project_id: 'p2', slug: 'foreign', image: { source } });
    await v1.job({ project_id: 'p1', slug: 'call' });
  });
  after(() => v1[Symbol.asyncDispose]());

  let count = 0;
  const create = (container: unknown, fields: object = {}) =>
    v1.post('/v1/jobs', { project_id: 'p1', slug: `c${++count}`, name: 'n', container, ...fields });
  const created = async (container: object, fields: object = {}) => {
    const { status, json, text } = await create(container, fields);
    expect(status, text).to.equal(201);
    return json;
  };
  const pathOf = (json: Json) => `/v1/jobs/${String(json['id'])}`;
  const stored = async (json: Json) =>
    (await v1.room.store.read.job(String(json['id'])))?.definition.container;

  const whole = {
    image: `quay.io/acme/report@${digest}`,
    command: ['report', '--since', '2 days'],
    entrypoint: ['/bin/tini', '--'],
    env: { LEVEL: 'debug', 'discovery.type': 'one', TOKEN: 'secret:report-token', EMPTY: '' },
    working_dir: '/srv/report',
    user: '1000:1000',
    memory_bytes: 64 * 1024 * 1024,
    cpus: 1.5,
    pids_limit: 100,
    network: 'none',
    read_only: true,
    tmpfs: { '/tmp': 1_048_576, '/run/x': 0 },
    pull: 'always',
    credentials: { username: 'secret:robot', password: 'secret:robot.key' },
    message: 'stdin',
    stop_grace_secs: 3,
    result: { file: '/srv/report/out.json' },
  };

  it('says what is run, and what it may do', async () => {
    const json = await created(whole, { timeout_secs: 60 });
    expect(json['container']).to.deep.equal(whole);
    expect(json).to.include({ kind: 'container', endpoint_url: '', timeout_secs: 60, max_attempts: 3 });
    expect(await stored(json)).to.deep.equal({
      image: whole.image,
      command: whole.command,
      entrypoint: whole.entrypoint,
      env: whole.env,
      workingDir: '/srv/report',
      user: '1000:1000',
      memoryBytes: 67_108_864,
      cpus: 1.5,
      pidsLimit: 100,
      network: 'none',
      readOnly: true,
      tmpfs: whole.tmpfs,
      pull: 'always',
      credentials: { username: 'robot', password: 'robot.key' },
      message: 'stdin',
      stopGraceSecs: 3,
      result: { file: '/srv/report/out.json' },
    });
  });

  it('needs an image only', async () => {
    const json = await created({ image: 'busybox' });
    expect(json['container']).to.deep.equal({ image: 'busybox' });
    const { list } = await v1.get(`/v1/jobs?project_id=p1&slug=${String(json['slug'])}`);
    expect(list.map(({ kind, container }) => [kind, container])).to.deep.equal([
      ['container', { image: 'busybox' }],
    ]);
  });

  it('may have paths in memory without a size', async () => {
    const json = await created({ image: digest, tmpfs: ['/tmp/', '/var//cache'], result: 'last_line' });
    expect(json['container']).to.deep.equal({
      image: digest,
      tmpfs: { '/tmp': 0, '/var/cache': 0 },
      result: 'last_line',
    });
  });

  it('is changed field by field, also to nothing, by what it was shown as', async () => {
    const json = await created(whole);
    const same = await v1.patch(pathOf(json), { container: json['container'], image: null });
    expect(same.json['container'], same.text).to.deep.equal(whole);
    const less = await v1.patch(pathOf(json), {
      endpoint_url: '',
      container: {
        image: 'busybox:1.36',
        command: [],
        entrypoint: [],
        env: {},
        working_dir: '',
        user: '',
        memory_bytes: 0,
        cpus: 0,
        pids_limit: 0,
        network: '',
        read_only: false,
        tmpfs: [],
        credentials: {},
        stop_grace_secs: 0,
        result: '',
      },
    });
    const left = { image: 'busybox:1.36', read_only: false, pull: 'always', message: 'stdin' };
    expect(less.json['container'], less.text).to.deep.equal(left);
    const { json: more } = await v1.patch(pathOf(json), { container: { command: ['true'] } });
    expect(more['container']).to.deep.equal({ ...left, command: ['true'] });

    const { list } = await v1.get(`${pathOf(json)}/versions`);
    expect(list.map(({ container }) => (container as Json)['image'])).to.deep.equal([
      left.image,
      whole.image,
      whole.image,
    ]);
    const version = await v1.get(`${pathOf(json)}/versions/${String(list.at(-1)?.['version_id'])}`);
    expect(version.json['container']).to.deep.equal(whole);
  });

  it('is copied with its job, and made in a batch', async () => {
    const { json } = await v1.post(`${pathOf(await created(whole))}/clone`, { slug: 'copy' });
    expect([json['kind'], json['container']]).to.deep.equal(['container', whole]);
    const job = (slug: string, kind: object) => ({ project_id: 'p3', name: slug, slug, ...kind });
    const { status, list, text } = await v1.post('/v1/jobs/batch', [
      job('build', { image: { source: { account: 'p3', repo: 'build' } } }),
      job('run', { container: { image: { job: 'build' } } }),
    ]);
    expect(status, text).to.equal(201);
    expect(list.map(({ kind }) => kind)).to.deep.equal(['image', 'container']);
  });

  it('runs the image of another job of its project', async () => {
    const json = await created({ image: { job: 'site' } });
    expect(json['container']).to.deep.equal({ image: { job: 'site' } });
    const unknown = [
      ['foreign', 'invalid container.image: the project has no job "foreign"'],
      ['call', 'invalid container.image: "call" is a http job: it builds no image'],
    ];
    for (const [job, sentence] of unknown) {
      const made = await create({ image: { job } });
      expect([made.status, made.json['error'], made.json['field']]).to.deep.equal([
        400,
        sentence,
        'container.image',
      ]);
      const changed = await v1.patch(pathOf(json), { container: { image: { job } } });
      expect([changed.status, changed.json['error']]).to.deep.equal([400, sentence]);
    }
    const { status } = await v1.post(`${pathOf(json)}/dependencies`, { depends_on_job_id: 'site' });
    expect(status).to.equal(201);
  });

  it('stays the kind that its job is of', async () => {
    const json = await created({ image: 'busybox' });
    const sentence = (kind: string) => `this is a job of the kind ${kind}: make another job for another kind`;
    const source = { account: 'p1', repo: 'x' };
    for (const [path, body, kind] of [
      [pathOf(json), { image: { source } }, 'container'],
      [pathOf(json), { endpoint_url: 'http://127.0.0.1/' }, 'container'],
      [pathOf(json), { endpoint_headers: { 'X-A': '1' } }, 'container'],
      ['/v1/jobs/site?project_id=p1', { container: { image: 'busybox' } }, 'image'],
      ['/v1/jobs/call?project_id=p1', { container: { command: ['true'] } }, 'http'],
    ] as const) {
      const { status, json: answer } = await v1.patch(path, body);
      expect([status, answer['error']]).to.deep.equal([400, sentence(kind)]);
    }
    const { json: two } = await create({ image: 'busybox' }, { image: { source } });
    expect(two['error']).to.equal('give only one of image, container');
  });

  it('is told to the run that a trigger makes of it', async () => {
    const { slug } = await created({ image: 'busybox' });
    const { status, json } = await v1.post(`/v1/jobs/${String(slug)}/trigger?project_id=p1`, {
      payload: { recipe: 1 },
    });
    expect([status, json['status'], json['payload']]).to.deep.equal([202, 'queued', { recipe: 1 }]);
    expect(json['expires_at']).to.equal(undefined);
    const run = await v1.room.store.read.run(String(json['id']));
    expect(run).to.include({ kind: 'container', ref: '', timeoutMs: 1_800_000 });
  });

  it('tells every mistake at once', async () => {
    const { json } = await create(
      { command: 'run', user: 'a b', network: 'host', memory_bytes: 1 },
      { max_attempts: 'x' },
    );
    expect(json['details']).to.deep.equal([
      'container.command must be a list of strings, such as ["echo", "hello"]; a line for the shell is ["sh", "-c", "echo hello"]',
      'container.user must be a name or a number, with or without a group: "app", "1000" or "1000:1000"',
      'container.memory_bytes must be at least 6291456 (6 MiB)',
      "container.network must not be host: the container would reach all that the engine's own machine reaches, and what listens on its loopback",
      'max_attempts must be a number',
    ]);
  });

  const words = (field: string) =>
    `container.${field} must be a list of strings, such as ["echo", "hello"]; a line for the shell is ["sh", "-c", "echo hello"]`;
  const image =
    'container.image must be the name of an image, such as busybox:1.36 or quay.io/acme/app@sha256:…, or {"job": slug} of an image job';
  const paths = 'container.tmpfs: each must be an absolute path below "/", without ".."';
  const result = 'container.result must be "last_line" or {"file": path}';
  const file = 'container.result.file must be the absolute path of a file, without ".."';
  const host =
    "container.network must not be host: the container would reach all that the engine's own machine reaches, and what listens on its loopback";
  const networks = 'container.network must be none, bridge or the name of a network of the engine';
  const user =
    'container.user must be a name or a number, with or without a group: "app", "1000" or "1000:1000"';
  const bad: [container: object, sentence: string][] = [
    [{ image: undefined }, 'container.image is required'],
    [{ image: '' }, 'container.image is required'],
    [{ image: `https://u:${password}@quay.io/x` }, image],
    [{ image: 'Acme/App' }, image],
    [{ image: 'busybox:1:2' }, image],
    [{ image: 'a'.repeat(64) }, image],
    [{ image: 'sha256:abc' }, image],
    [{ image: '-v' }, image],
    [{ image: { job: '' } }, 'container.image.job is required'],
    [{ image: { job: 'site', tag: 'x' } }, 'container.image has no field "tag"'],
    [{ image: ['busybox'] }, image],
    [
      { image: digest, pull: 'always' },
      'container.pull must not be always: no registry knows the id of an image',
    ],
    [{ command: 'echo hello' }, words('command')],
    [{ entrypoint: '/bin/sh' }, words('entrypoint')],
    [{ command: ['a', 1] }, 'container.command[1] must be a string'],
    [{ command: ['a\0b'] }, 'container.command must not contain NUL'],
    [{ command: ['\ud800'] }, 'container.command must not contain NUL'],
    [{ command: ['x'.repeat(131_072)] }, 'container.command: an item is longer than 131071 bytes'],
    [{ command: Array.from({ length: 1001 }, () => 'x') }, 'container.command must have at most 1000 items'],
    [{ env: ['A=1'] }, 'container.env must be an object'],
    [{ env: { A: 1 } }, 'container.env.A must be a string'],
    ...['A=B', '', '1A', 'A B', 'A\0'].map((name): [object, string] => [
      { env: { [name]: 'x' } },
      'container.env: names are made of letters, digits, "_", "." and "-", and do not begin with a digit',
    ]),
    [
      { env: { BARBEQUE_MESSAGE_ID: 'x' } },
      "container.env: names that begin with BARBEQUE_ are the server's own: they tell of the run",
    ],
    [{ env: { A: `${password}\0` } }, 'container.env: values must not contain NUL'],
    [
      { env: { A: `secret: ${password}` } },
      'container.env: a value that begins with "secret:" must go on with the name of a secret in settings.json',
    ],
    [{ env: { A: 'x'.repeat(131_070) } }, 'container.env: a name and its value have more than 131071 bytes'],
    [{ working_dir: 'srv' }, 'container.working_dir must be an absolute path without ".."'],
    [{ working_dir: '/a/../b' }, 'container.working_dir must be an absolute path without ".."'],
    ...['a b', ':0', 'a:', 'a:b:c', '2147483648', '0:9999999999', 'x'.repeat(65), 'root\n'].map(
      (name): [object, string] => [{ user: name }, user],
    ),
    [{ memory_bytes: 6_291_455 }, 'container.memory_bytes must be at least 6291456 (6 MiB)'],
    [{ memory_bytes: -1 }, 'container.memory_bytes must be at least 6291456 (6 MiB)'],
    [{ cpus: 0.001 }, 'container.cpus must be at least 0.01'],
    [{ pids_limit: -1 }, 'container.pids_limit must be at least 0'],
    [{ pids_limit: 40_000 }, 'container.pids_limit must be at most 32768'],
    [
      { network: 'container:abc' },
      'container.network must not be that of another container: it would hear what that one says to itself. Put both on a network of the engine',
    ],
    ...['host', 'Host'].map((name): [object, string] => [{ network: name }, host]),
    [{ network: 'a/b' }, networks],
    [{ network: 'f'.repeat(64) }, networks],
    [{ read_only: 'yes' }, 'container.read_only must be true or false'],
    [{ tmpfs: ['tmp'] }, paths],
    [{ tmpfs: { '/tmp/../etc': 1 } }, paths],
    [{ tmpfs: ['/'] }, paths],
    [{ tmpfs: ['//.//'] }, paths],
    [{ tmpfs: { '/tmp': -1 } }, 'container.tmpfs./tmp must be at least 0'],
    [
      { tmpfs: '/tmp' },
      'container.tmpfs must be an object of paths with their sizes in bytes, such as {"/tmp": 67108864}, or a list of paths',
    ],
    [{ pull: 'often' }, 'container.pull must be one of: missing, always, never'],
    [
      { credentials: { username: 'robot', password: 'secret:x' } },
      'container.credentials.username must be "secret:<name>", the name of a secret in settings.json',
    ],
    [
      { credentials: { username: 'secret:x', password } },
      'container.credentials.password must be "secret:<name>", the name of a secret in settings.json',
    ],
    [{ credentials: { username: 'secret:x' } }, 'container.credentials needs username and password'],
    [{ message: 'mail' }, 'container.message must be one of: env, file, stdin'],
    [{ stop_grace_secs: 4000 }, 'container.stop_grace_secs must be at most 3600'],
    [{ result: 'first_line' }, result],
    [{ result: { file: 'out.json' } }, file],
    [{ result: { file: '/out/' } }, file],
    [{ result: { file: '/out/../../x' } }, file],
    [{ privileged: true, binds: ['/:/host'] }, 'container has no field "privileged", "binds"'],
  ];
  for (const [container, sentence] of bad)
    it(`is refused: ${JSON.stringify(container).slice(0, 60)}`, async () => {
      const { status, json, text } = await create({ image: 'busybox', ...container });
      expect([status, json['error']]).to.deep.equal([400, sentence]);
      expect(text).not.to.include(password);
    });
});
