import { expect } from 'chai';
import { makeF1, openScale, type ScaleWeb } from './executionFixture.ts';

describe('addresses of the interface of Scale', () => {
  let web: ScaleWeb;
  before(async () => {
    web = await openScale();
    await makeF1(web);
  });
  after(() => web.close());

  it('are the same in every form (F12)', async () => {
    const { results } = await web.page('/job-executions/');
    for (const prefix of ['/v3', '/api', '/api/v3'])
      expect((await web.page(`${prefix}/job-executions/`)).results, prefix).to.deep.equal(results);
    expect((await web.get('/api/v3/job-executions/1/')).json).to.include({ id: 1 });
    expect((await web.get('/job-executions/01/')).json).to.include({ id: 1 });
  });

  it('have no other version', async () => {
    for (const path of [
      '/v9/job-executions/',
      '/api/v9/job-executions/',
      '/v4/job-executions/',
      '/api/v1/jobs/',
    ])
      expect(await answer('GET', path), path).to.deep.equal([404, { detail: 'Not found.' }]);
    for (const path of ['/v6/job-executions/', '/api/nothing/', '/v3/', '/api/'])
      expect(await answer('GET', path), path).to.deep.equal([404, { detail: 'Not found.' }]);
  });

  it('leave those of others alone', async () => {
    for (const path of ['/jobs', '/v1/jobs?project_id=acme', '/health', '/'])
      expect((await web.get(path)).status, path).to.equal(200);
    for (const path of ['/queuesy', '/nodesy', '/apiary', '/job-executionsx/', '/versions', '/v33x/'])
      expect((await web.get(path)).json, path).to.have.property('error');
  });

  it('without the slash at the end are sent to the one with it (F11)', async () => {
    const to = async (path: string, method = 'GET'): Promise<unknown[]> => {
      const { status, headers } = await web.ask(method, path);
      return [status, headers['location']];
    };
    expect(await to('/job-executions')).to.deep.equal([301, '/job-executions/']);
    expect(await to('/job-executions/1?a=1&b=%2F/', 'HEAD')).to.deep.equal([
      301,
      '/job-executions/1/?a=1&b=%2F/',
    ]);
    expect(await to('/api/v3/job-executions/1/logs?x')).to.deep.equal([
      301,
      '/api/v3/job-executions/1/logs/?x',
    ]);
    expect(await to('/v6/job-executions/1/logs/combined')).to.deep.equal([
      301,
      '/v6/job-executions/1/logs/combined/',
    ]);
    expect((await to('//evil.example/v3/x'))[1]).to.equal(undefined);
  });

  it('take GET and HEAD, and say so (F9)', async () => {
    for (const path of ['/job-executions/', '/v3/job-executions/1/', '/api/job-executions/1/logs/'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const { status, json, headers } = await web.ask(method, path, {
          key: 'the-token-of-the-administrator',
        });
        expect([status, json]).to.deep.equal([405, { detail: `Method "${method}" not allowed.` }]);
        expect(headers['allow']).to.equal('GET, HEAD, OPTIONS');
      }
    const { status, headers } = await web.ask('OPTIONS', '/job-executions/', {
      key: 'the-token-of-the-administrator',
    });
    expect([status, headers['allow']]).to.deep.equal([200, 'GET, HEAD, OPTIONS']);
    const head = await web.ask('HEAD', '/job-executions/', { key: 'the-token-of-the-administrator' });
    expect([head.status, head.text]).to.deep.equal([200, '']);
  });

  it('refuse strangers in its own words', async () => {
    for (const path of ['/job-executions/', '/api/v9/x/', '/v3/job-executions/1/']) {
      const { status, json, headers } = await web.ask('GET', path);
      expect(status).to.equal(401);
      expect(Object.keys(json)).to.deep.equal(['detail']);
      expect(headers['www-authenticate']).to.match(/^Basic/);
    }
    const { text: key } = await web.makeKey({ scopes: ['jobs:read'] });
    expect(await answer('GET', '/job-executions/', key)).to.deep.equal([
      403,
      { detail: 'insufficient permissions: requires runs:read' },
    ]);
  });

  it('show a key the executions of its project only', async () => {
    const { text: own } = await web.makeKey({ project: 'acme', scopes: ['runs:read'] });
    const { text: other } = await web.makeKey({ project: 'other', scopes: ['runs:read'] });
    expect(await answer('GET', '/job-executions/?page_size=1&page=11', own)).to.deep.equal([
      404,
      { detail: 'Invalid page.' },
    ]);
    expect((await web.ask('GET', '/job-executions/', { key: own })).json).to.include({ count: 10 });
    expect((await web.ask('GET', '/job-executions/', { key: other })).json).to.include({ count: 0 });
    for (const path of ['', 'logs/', 'logs/combined/'])
      expect(await answer('GET', `/job-executions/1/${path}`, other)).to.deep.equal([
        404,
        { detail: 'Not found.' },
      ]);
  });

  async function answer(
    method: string,
    path: string,
    key = 'the-token-of-the-administrator',
  ): Promise<unknown[]> {
    const { status, json } = await web.ask(method, path, { key });
    return [status, json];
  }
});
