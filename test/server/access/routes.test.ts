import { expect } from 'chai';
import { someImage } from '../../fixtures/image.ts';
import { allRoutes } from '../../fixtures/routes.ts';
import { putQueue } from '../../../server/room/queues/queues.ts';
import { type Scope, scopes } from '../../../server/words/scopes.ts';
import { uuid7 } from '../../../server/words/uuid7.ts';
import { builtRun, recorded } from '../store/builtRun.ts';
import { adminToken, awayEngine, openTestWeb, type TestWeb } from './webFixture.ts';

/** A new name here is a new hole in the wall: think about it first. */
const open: Record<string, 'public' | 'signed'> = {
  'GET /health': 'public',
  'GET /livez': 'public',
  'GET /ready': 'public',
  'GET /readyz': 'public',
  'GET /health/ready': 'public',
  'GET /openapi.json': 'public',
  'GET /job_executions/:message_id': 'public',
  'POST /session': 'public',
  'DELETE /session': 'public',
  'POST /docker-build/github': 'signed',
  'POST /docker-build/travis': 'signed',
  'POST /sdk/v1/runs/:id/heartbeat': 'signed',
  'POST /sdk/v1/runs/:id/log': 'signed',
  'POST /sdk/v1/runs/:id/progress': 'signed',
  'POST /sdk/v1/runs/:id/complete': 'signed',
  'POST /sdk/v1/runs/:id/fail': 'signed',
};

/** Things of the project acme. */
type Things = Record<
  'run' | 'image' | 'name' | 'job' | 'version' | 'dependency' | 'delivery' | 'key',
  string
>;

/** Of the whole server: only who sees all projects sees it. */
const ofServer = /^\/(?:engines|gc|metrics|queues|server|workers|v3\/(?:nodes|status|scheduler))(?:\/|$)/;
/** Part of the program, and the same for everybody. */
const ofNobody = /^\/v3\/errors\//;

/** What a change of the whole server needs to be one. */
const changes: Record<string, object> = {
  'PATCH /v3/nodes/:node/': { is_paused: false },
  'PUT /v3/nodes/:node/': { hostname: 'one', port: 0, is_active: false, is_paused: false },
  'PATCH /v3/scheduler/': { is_paused: false },
};

/** Those of the run that was built, which is the first of the store. */
const numbers = {
  execution: '1',
  stream: 'combined',
  runKey: '1',
  number: '1',
  jobType: '1',
  node: '1',
  error: '1',
};

/** What stands at the named part of a path: a route with a part that is not here must be thought about. */
function partsOf(path: string, things: Things): string {
  const ofId = path.startsWith('/v1/api-keys/') ? things.key : things.run;
  const parts: Record<string, string> = {
    ...things,
    ...numbers,
    id: ofId,
    message_id: things.run,
    app_name: 'acme',
  };
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`what is :${name} in ${path}? Say it in this test`);
    return part;
  });
}

describe('every route', () => {
  let web: TestWeb;
  let routes: ReturnType<typeof allRoutes>;
  let guarded: { name: string; method: string; path: string; rule: Scope }[];
  let things: Things;

  before(async () => {
    web = await openTestWeb({
      settings: { limits: { triggersPerMinute: 0, failedLoginsPerMinute: 0 } },
      // Engines, queues and workers go by their names: this one is of all three.
      env: { TOKEN: adminToken, NAME: 'engine-of-all' },
      engines: [awayEngine('engine-of-all')],
    });
    routes = allRoutes(web.app);
    guarded = routes.flatMap(({ rule, ...one }) =>
      rule === 'public' || rule === 'signed' ? [] : [{ ...one, rule, method: one.method.toUpperCase() }],
    );
    things = await makeThings(web);
  });
  after(() => web.close());

  it('has a rule, and those without a credential are known by name', () => {
    const found = routes.filter(({ rule }) => rule === 'public' || rule === 'signed');
    expect(Object.fromEntries(found.map(({ name, rule }) => [name, rule]))).to.deep.equal(open);
    expect(routes.length).to.be.greaterThan(40);
  });

  it('is really open where it says so', async () => {
    for (const { method, path, name, rule } of routes)
      if (rule === 'public' && path !== '/session')
        expect((await web.ask(method.toUpperCase(), partsOf(path, things))).status, name).to.be.oneOf(
          path.includes(':') ? [302] : [200, 503],
        );
  });

  it('exists once', () => {
    const names = routes.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).to.deep.equal([]);
  });

  it('lets nobody in who shows nothing, or something wrong', async () => {
    const nobodies = [
      {},
      { key: 'db_0000000000000000000000000000000000000000' },
      { key: '' },
      { headers: { Authorization: 'Basic YTpi' } },
      { headers: { Cookie: 'docker-builder-session=9999999999999.admin.x' } },
    ];
    for (const { method, path, name } of guarded)
      for (const nobody of nobodies)
        expect((await web.ask(method, partsOf(path, things), nobody)).status, name).to.equal(401);
  });

  it('takes a key with the one scope that it asks for, and with no other', async () => {
    const keys = await Promise.all(
      scopes.map(
        async (scope) =>
          [scope, (await web.makeKey({ scopes: [scope], project: 'elsewhere' })).text] as const,
      ),
    );
    for (const { method, path, name, rule } of guarded)
      for (const [scope, key] of keys) {
        const { status, json } = await web.ask(method, path.replaceAll(/:\w+/g, uuid7()), { key });
        if (scope === rule) expect(status, `${name} with ${scope}`).not.to.be.oneOf([401, 403, 500]);
        else {
          expect(status, `${name} with ${scope}`).to.equal(403);
          expect(json['error'] ?? json['detail']).to.equal(`insufficient permissions: requires ${rule}`);
        }
      }
  });

  it('shows a key of another project nothing, and changes nothing for it', async () => {
    const before = await stateOf(web, things);
    const { text: key } = await web.makeKey({ project: 'other', scopes: ['*', ...scopes] });
    const all = Object.values(things);
    const body = {
      ids: all,
      job_ids: all,
      run_ids: all,
      project_id: 'acme',
      account: 'acme',
      repo: 'site',
      ref: 'x',
    };
    for (const { method, path, name } of guarded) {
      const answer = await web.ask(method, partsOf(path, things), { key, ...(method !== 'GET' && { body }) });
      if (path.includes(':') && !ofNobody.test(path))
        expect(answer.status, `${name}: ${answer.text}`).to.equal(404);
      const shown = all.filter((id) => answer.text.includes(id) && !path.includes(':') && method === 'GET');
      expect(shown, `${name}: ${answer.text}`).to.deep.equal([]);
      expect(answer.status, `${name}: ${answer.text}`).to.be.lessThan(500);
      if (path.includes(':') || method !== 'GET') continue;
      const named = await web.ask(method, `${path}?project_id=acme&account=acme`, { key });
      expect(
        all.filter((id) => named.text.includes(id)),
        name,
      ).to.deep.equal([]);
    }
    expect(await stateOf(web, things)).to.deep.equal(before);
  });

  it('shows what is of the whole server to keys of all projects only', async () => {
    const { text: one } = await web.makeKey({ project: 'acme', scopes: ['*', ...scopes] });
    const { text: all } = await web.makeKey({ project: null, scopes: ['*'] });
    const { text: chief } = await web.makeKey({ project: null, scopes: ['admin'] });
    const found = guarded.filter(({ path }) => ofServer.test(path));
    expect(found).to.have.length(31);
    for (const { method, path, name, rule } of found) {
      const body = changes[name];
      const statusFor = async (key: string) =>
        (await web.ask(method, partsOf(path, things), { key, ...(body && { body }) })).status;
      expect(await statusFor(one), name).to.equal(404);
      expect(await statusFor(all), name).to.equal(rule === 'admin' ? 403 : method === 'DELETE' ? 204 : 200);
      if (rule === 'admin') expect(await statusFor(chief), name).to.equal(body ? 201 : 200);
    }
  });

  it('shows a key of the project its things', async () => {
    const { text: key } = await web.makeKey({ scopes: ['*'] });
    for (const { method, path, name } of guarded) {
      if (method !== 'GET' || !path.includes(':') || ofServer.test(path)) continue;
      const { status, text } = await web.ask(method, `${partsOf(path, things)}?from=1&to=9`, { key });
      // What was built here has written no line.
      expect(status, `${name}: ${text}`).to.equal(path.endsWith('/:stream/') ? 204 : 200);
    }
  });
});

async function makeThings(web: TestWeb): Promise<Things> {
  const { text: key } = await web.makeKey({ name: 'maker', project: 'acme' });
  const made = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const { status, text, json } = await web.ask('POST', path, { key, body });
    if (status < 200 || status > 299) throw new Error(`POST ${path}: ${status} ${text}`);
    return json;
  };
  const job = (slug: string) =>
    made('/v1/jobs', {
      project_id: 'acme',
      name: slug,
      slug,
      image: { source: { account: 'acme', repo: slug } },
    });
  const [one, two] = [await job('site'), await job('base')];
  const image = recorded({ ...someImage, id: `sha256:${'0'.repeat(60)}abcd` });
  await builtRun(web.room.store, { project: 'acme', slug: 'site' }, [image], Date.now());
  const name = web.room.engines.seats()[0]?.engine.name ?? '';
  await putQueue(web.room, name, {});
  const run = await made('/jobs', { account: 'acme', repo: 'site', ref: 'main' });
  const id = String(one['id']);
  const dependency = await made(`/v1/jobs/${id}/dependencies`, { depends_on_job_id: two['id'] });
  const delivery = uuid7();
  await web.room.store.write((tx) =>
    tx.addNotification({
      id: delivery,
      project: 'acme',
      jobId: id,
      runId: String(run['id']),
      event: 'run.completed',
      url: 'http://127.0.0.1:9/',
      secret: null,
      body: '{}',
      maxTries: 1,
      createdAt: Date.now(),
    }),
  );
  return {
    run: String(run['id']),
    image: image.id,
    name,
    job: id,
    version: String(one['version_id']),
    dependency: String(dependency['id']),
    delivery,
    key: (await web.makeKey({ name: 'watched' })).key.id,
  };
}

/** All that a stranger might have changed. */
async function stateOf({ room }: TestWeb, things: Things): Promise<unknown> {
  const { read } = room.store;
  const run = await read.run(things.run);
  return {
    job: await read.job(things.job),
    dependencies: await read.dependencies(things.job),
    jobs: (await read.jobs({ project: 'acme' }, { limit: 100 })).map(({ id }) => id),
    run: { ...run, state: run?.cancelRequestedAt },
    runs: await read.countRuns({ project: 'acme' }),
    key: await read.apiKey(things.key),
    keys: (await read.apiKeys('acme', { limit: 100 })).length,
  };
}
