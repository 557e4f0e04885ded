import { expect } from 'chai';
import { type Answer, openV1, type V1 } from './fixture.ts';

const minimal = { project_id: 'p1', name: 'Job', endpoint_url: 'http://127.0.0.1/x' };
let slugs = 0;
const slug = () => `created-${++slugs}`;

describe('POST /v1/jobs', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  const create = (fields: object): Promise<Answer> =>
    v1.post('/v1/jobs', { ...minimal, slug: slug(), ...fields });
  async function refused(fields: object, sentence: string): Promise<void> {
    const answer = await create(fields);
    expect([answer.status, answer.json['code'], answer.json['message']]).to.deep.equal([
      400,
      'validation_error',
      sentence,
    ]);
  }
  async function echoed(fields: object): Promise<void> {
    const answer = await create(fields);
    expect(answer.status, answer.text).to.equal(201);
    expect(answer.json).to.deep.include(fields);
  }

  it('makes a job of four fields (B1, B2)', async () => {
    const answer = await v1.post('/v1/jobs', { ...minimal, slug: 'first' });
    expect(answer.status).to.equal(201);
    const { id, version_id, created_at, updated_at, ...rest } = answer.json;
    expect(rest).to.deep.equal({
      ...minimal,
      slug: 'first',
      kind: 'http',
      queue: 'default',
      enabled: true,
      paused: false,
      version: 1,
      version_policy: 'pin',
      max_attempts: 3,
      timeout_secs: 300,
    });
    expect(version_id).to.match(/^ver_[0-9a-z]{12}$/);
    expect(created_at)
      .to.equal(updated_at)
      .and.match(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(answer.headers.get('ETag')).to.equal(`"${String(version_id)}"`);
    expect(answer.headers.get('Location')).to.equal(`/v1/jobs/${String(id)}`);
    expect(answer.headers.get('X-API-Version')).to.equal('v1');
    expect((await v1.get(`/v1/jobs/${String(id)}`)).json).to.deep.equal(answer.json);
  });

  it('lists every mistake (B3)', async () => {
    const { status, json } = await v1.post('/v1/jobs', { timezone: 'Nope', max_attempts: 'x' });
    expect(status).to.equal(400);
    expect(json).to.deep.include({
      error: 'validation failed',
      message: 'validation failed',
      code: 'validation_error',
    });
    expect(json['details']).to.deep.equal([
      'project_id is required',
      'name is required',
      'slug is required',
      'endpoint_url is required, or image or container in its place',
      'invalid timezone',
      'max_attempts must be a number',
    ]);
    expect(json['request_id']).to.be.a('string');
  });

  it('refuses what is no JSON object (B5)', async () => {
    for (const body of ['{bad', '[]', '"x"', 'null', '']) {
      const answer = await v1.post('/v1/jobs', body);
      expect([answer.status, answer.json['error']], body).to.deep.equal([400, 'invalid request body']);
    }
  });

  it('asks for each of the fields (B4)', async () => {
    await refused({ project_id: undefined }, 'project_id is required');
    await refused({ project_id: '' }, 'project_id is required');
    await refused({ name: undefined }, 'name is required');
    await refused({ slug: '' }, 'slug is required');
    await refused({ endpoint_url: '' }, 'endpoint_url is required, or image or container in its place');
    await refused({ container: { image: 'busybox' } }, 'give only one of container, endpoint_url');
    await refused({ image: { source: { account: 'a', repo: 'b' } } }, 'give only one of image, endpoint_url');
  });

  it('has a slug once in a project (B6, B7)', async () => {
    expect((await create({ slug: 'taken' })).status).to.equal(201);
    const { status, json } = await create({ slug: 'taken' });
    expect([status, json['code'], json['error']]).to.deep.equal([
      409,
      'conflict',
      'job with slug "taken" already exists',
    ]);
    expect((await create({ slug: 'taken', project_id: 'p2' })).status).to.equal(201);
  });

  it('bounds texts (B8)', async () => {
    await echoed({ name: 'n'.repeat(255), slug: 's'.repeat(128) });
    await refused({ name: 'n'.repeat(256) }, 'name too long');
    await refused({ name: 'é'.repeat(128) }, 'name too long');
    await refused({ slug: 's'.repeat(129) }, 'slug too long');
    await refused({ slug: 'a\0b' }, 'slug must not contain characters of control');
    await refused({ description: 'd'.repeat(2001) }, 'description too long');
  });

  it('checks cron expressions and time zones (B17, B18)', async () => {
    await echoed({ cron: '*/5 * * * *', timezone: 'Europe/Berlin', execution_window_cron: '* 9-17 * * *' });
    await refused({ cron: 'not cron' }, 'invalid cron expression');
    await refused({ cron: '* * * * * *' }, 'invalid cron expression');
    await refused({ execution_window_cron: 'x' }, 'invalid execution_window_cron expression');
    await refused({ timezone: 'Europe/Nowhere' }, 'invalid timezone');
  });

  it('knows how to try again (B19-B21, B26)', async () => {
    for (const retry_strategy of ['exponential', 'linear', 'fixed', 'custom'])
      await echoed({ retry_strategy });
    await refused(
      { retry_strategy: 'quadratic' },
      'retry_strategy must be one of: exponential, linear, fixed, custom',
    );
    await echoed({ retry_delays_secs: [1, 5] });
    await refused({ retry_delays_secs: [1, -5] }, 'retry_delays_secs values must be positive');
    await refused({ retry_delays_secs: [0] }, 'retry_delays_secs values must be positive');
    const { json } = await create({ max_attempts: 0, timeout_secs: 0 });
    expect(json).to.include({ max_attempts: 3, timeout_secs: 300 });
    await refused({ max_attempts: 101 }, 'max_attempts must be at most 100');
    await refused({ timeout_secs: 86_401 }, 'timeout_secs must be at most 86400');
  });

  it('bounds tags (B22-B25)', async () => {
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
    await echoed({ tags: tags(20) });
    await refused({ tags: tags(21) }, 'too many tags (max 20)');
    await refused({ tags: { '': 'x' } }, 'tag keys must be non-empty');
    await refused({ tags: { ['k'.repeat(65)]: 'x' } }, 'tag key too long (max 64 characters)');
    await refused({ tags: { k: 'x'.repeat(257) } }, 'tag value too long (max 256 characters)');
    await refused({ tags: { k: 1 } }, 'tags.k must be a string');
  });

  it('keeps everything else that it knows (B29-B31)', async () => {
    await echoed({
      description: 'd',
      group_id: 'g',
      environment_id: 'e',
      payload_schema: { type: 'object', required: ['a'] },
      default_run_metadata: { a: 'b' },
      fallback_endpoint_url: 'http://127.0.0.1/y',
      endpoint_headers: { 'X-Team': 'core' },
      run_ttl_secs: 3600,
      max_concurrency: 4,
      max_concurrency_per_key: 2,
      rate_limit_max: 5,
      rate_limit_window_secs: 60,
      rate_limit_keys: [{ name: 'api', max: 3, window_secs: 10 }],
      dedup_window_secs: 7,
      debounce_window_secs: 8,
      cron_overlap_policy: 'skip',
      supersede_policy: 'keep_newest_queued',
      queue: 'nightly',
      version_policy: 'minor',
      backwards_compatible: false,
      enabled: false,
    });
    const unknown = await create({ foo: 1, batch_window_secs: 5, batch_max_size: 2, description: null });
    expect(unknown.status).to.equal(201);
    expect(unknown.json).to.not.have.any.keys('foo', 'batch_window_secs', 'batch_max_size', 'description');
    await refused(
      { payload_schema: { type: 'text' } },
      'invalid payload_schema: $: type must be one of object, array, string, number, integer, boolean, null',
    );
    await refused(
      { endpoint_headers: { Host: 'x' } },
      'endpoint_headers must not set headers of the connection, of the run or of the signature',
    );
    await refused(
      { endpoint_headers: { 'X-A': 'a\r\nB: c' } },
      'values of endpoint_headers are plain ASCII on one line',
    );
    const huge = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`k${at}`, 'x'.repeat(4000)]));
    await refused({ default_run_metadata: huge }, 'the job is too large (max 262144 characters)');
    await refused({ rate_limit_max: 5 }, 'rate_limit_window_secs is required where rate_limit_max is set');
  });

  it('never shows a secret (B28)', async () => {
    const { json } = await create({
      webhook_url: 'http://127.0.0.1/hook',
      webhook_secret: 'hook-secret',
      endpoint_signing_secret: 'sign-secret',
    });
    expect(json).to.include({
      webhook_url: 'http://127.0.0.1/hook',
      webhook_secret: '********',
      endpoint_signing_secret: '********',
    });
    const stored = await v1.room.store.read.job(json['id'] as string);
    expect(JSON.stringify(stored)).to.not.contain('-secret');
    await refused(
      { webhook_secret: '********' },
      'webhook_secret is hidden: a new job needs the secret itself',
    );
  });

  it('puts a job with cron on the schedule, unless it is disabled', async () => {
    const read = v1.room.store.read;
    await create({ cron: '0 0 1 1 *', enabled: false });
    const before = await read.nextScheduleAt();
    await create({ cron: '* * * * *' });
    const next = await read.nextScheduleAt();
    expect(next).to.be.within(Date.now(), Date.now() + 60_000);
    expect(before === undefined || before >= (next ?? 0)).to.equal(true);
  });
});

describe('an image job', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('has the names of its source and needs no more', async () => {
    const image = { source: { account: 'acme', repo: 'site', ref: 'main' } };
    const answer = await v1.post('/v1/jobs', { image });
    expect(answer.status, answer.text).to.equal(201);
    expect(answer.json).to.deep.include({
      project_id: 'acme',
      slug: 'site',
      name: 'site',
      kind: 'image',
      endpoint_url: '',
      image: { ...image, dockerfile: 'Dockerfile' },
      max_attempts: 3,
      timeout_secs: 1800,
    });
  });

  it('keeps how it is built', async () => {
    const image = {
      source: { account: 'acme', repo: 'api' },
      dockerfile: 'docker/Dockerfile',
      target: 'run',
      build_args: { VERSION: '1' },
      no_cache: true,
      pull: false,
      memory_bytes: 1_000_000_000,
      cpus: 1.5,
      network_mode: 'none',
      extra_hosts: ['db:10.0.0.1'],
      submodules: true,
      lfs: true,
    };
    const answer = await v1.post('/v1/jobs', { project_id: 'p1', name: 'API', slug: 'api', image });
    expect(answer.json).to.deep.include({ project_id: 'p1', slug: 'api', image });
  });

  it('takes no name of another project, where its images would be replaced', async () => {
    const key = await v1.key({ project: 'p1' });
    const of = (account: string) => ({ image: { source: { account, repo: 'api', url: '' } } });
    const own = await key.post('/v1/jobs', { slug: 'own', ...of('p1') });
    expect(own.json).to.include({ project_id: 'p1', slug: 'own' });
    const path = `/v1/jobs/${String(own.json['id'])}`;
    for (const { status, json } of [
      await key.post('/v1/jobs', { project_id: 'p1', slug: 'foreign', ...of('p2') }),
      await key.patch(path, of('p2')),
    ]) {
      expect([status, json['field']]).to.deep.equal([403, 'image.source.account']);
      expect(json['error']).to.equal('the key is for another project than p2');
    }
    await v1.patch(path, of('p2'));
    const whole = await key.get(path);
    expect((await key.patch(path, whole.json)).status).to.equal(200);
  });

  it('may name the address of the repository, if its server is allowed', async () => {
    const body = (url: string) => ({ project_id: 'p1', slug: 'by-url', image: { source: { url } } });
    const bad = await v1.post('/v1/jobs', body('https://elsewhere.example/a.git'));
    expect([bad.status, bad.json['error']]).to.deep.equal([
      400,
      'invalid image.source: Sources from https://elsewhere.example are not allowed here. Allow its scheme and host in settings.json.',
    ]);
    for (const url of ['ext::sh -c id', '--upload-pack=x', 'file:///etc', 'https://u:p@git.example/a'])
      expect((await v1.post('/v1/jobs', body(url))).status, url).to.equal(400);
    const good = await v1.post('/v1/jobs', body('https://git.example/team/a.git'));
    expect(good.json['image']).to.deep.equal({
      source: { account: 'p1', repo: 'by-url', url: 'https://git.example/team/a.git' },
      dockerfile: 'Dockerfile',
    });
  });

  const bad: [image: unknown, sentence: string][] = [
    [{}, 'image.source is required'],
    [{ source: { account: '../x', repo: 'r' } }, 'image.source.account is no name of an account'],
    [
      { source: { account: 'a', repo: 'r', ref: '--x' } },
      'image.source.ref is no name of a branch, tag or commit',
    ],
    [
      { source: { account: 'a', repo: 'r' }, network_mode: 'host' },
      'image.network_mode must be one of: bridge, none',
    ],
    [
      { source: { account: 'a', repo: 'r' }, extra_hosts: ['x'] },
      'extra_hosts must be of the form name:address',
    ],
    [
      { source: { account: 'a', repo: 'r' }, build_args: { '-x': '' } },
      'names of build_args are made of letters, digits and _',
    ],
    [{ source: { repo: 'r' } }, 'image.source needs account and repo, or url'],
    [{ source: { ref: 'main' } }, 'image.source needs account and repo, or url'],
    ['x', 'image must be an object'],
  ];
  for (const [image, sentence] of bad)
    it(`is refused: ${sentence}`, async () => {
      const answer = await v1.post('/v1/jobs', { project_id: 'p1', slug: 's', image });
      expect(answer.status).to.equal(400);
      expect([answer.json['error'], ...((answer.json['details'] as string[]) ?? [])]).to.contain(sentence);
    });
});

describe('addresses of endpoints', () => {
  let v1: V1;
  before(async () => (v1 = await openV1({ allowPrivate: false })));
  after(() => v1[Symbol.asyncDispose]());

  const create = (fields: object): Promise<Answer> =>
    v1.post('/v1/jobs', { ...minimal, slug: slug(), endpoint_url: 'https://8.8.8.8/x', ...fields });

  const refusals = [
    'not-a-url',
    'ftp://8.8.8.8/x',
    'http://127.0.0.1/x',
    'http://10.0.0.1',
    'http://192.168.1.1',
    'http://172.16.0.1',
    'http://169.254.169.254/',
    'http://[::1]/',
    'http://0x7f.1/',
    'http://localhost/',
    `https://8.8.8.8/${'x'.repeat(2048)}`,
  ];
  for (const url of refusals)
    it(`${url.slice(0, 40)} is refused (B10-B14)`, async () => {
      const { status, json } = await create({ endpoint_url: url });
      expect(status).to.equal(400);
      expect(json['error']).to.match(/^invalid endpoint_url: /);
    });

  it('know the ports that services have (B15), and hold for every field (B16)', async () => {
    expect((await create({ endpoint_url: 'https://8.8.8.8:8443/x' })).status).to.equal(201);
    const port = await create({ endpoint_url: 'https://8.8.8.8:6379/x' });
    expect(port.json['error']).to.equal('invalid endpoint_url: port 6379 is not allowed');
    const fallback = await create({ fallback_endpoint_url: 'http://10.0.0.1' });
    expect(fallback.json['error']).to.match(/^invalid fallback_endpoint_url: /);
    const both = await create({ fallback_endpoint_url: 'http://10.0.0.1', webhook_url: 'http://10.0.0.2' });
    expect(both.json['details']).to.have.length(2);
    const made = await create({});
    const patched = await v1.patch(`/v1/jobs/${String(made.json['id'])}`, {
      endpoint_url: 'http://127.0.0.1/',
    });
    expect(patched.status).to.equal(400);
  });
});
