import { expect } from 'chai';
import { type Barbeque, jsonOf, openBarbeque } from '../server/barbeque/fixture.ts';

const token = 'the-token-of-the-administrator';
const auth = { Authorization: `Bearer ${token}` };
const wish = { application: 'blog', job: 'NotifyAuthor', queue: 'slow', message: { secret: 'of the blog' } };

describe('attack: whoever is in a network that is open to Barbeque', () => {
  let web: Barbeque;
  let messageId: string;
  const open = async (networks: string[], limits: object = {}) => {
    web = await openBarbeque({ open: { barbeque: networks }, limits }, { env: { TOKEN: token } });
    const made = await web.send('POST', '/v2/job_executions', wish, auth);
    messageId = String(jsonOf(made)['message_id']);
  };
  const count = async () => {
    const { body } = await web.send('GET', '/v3/jobs/', undefined, auth);
    return (JSON.parse(body) as { count: number }).count;
  };
  afterEach(() => web.close());

  it('has nothing of the other interfaces, in whatever way he writes their paths', async () => {
    await open(['127.0.0.0/8']);
    const others = [
      `/jobs/${messageId}`,
      `/v1/runs/${messageId}`,
      '/v1/jobs?project_id=blog',
      '/v3/jobs/',
      '/api/v3/job-executions/',
      '/job-executions/',
      '/v6/jobs/1/',
      '/queue/status/',
      '/queues',
      '/images',
      '/engines',
      '/gc',
      '/events',
    ];
    for (const path of others) expect((await web.send('GET', path)).status, path).to.equal(401);
    for (const path of ['/queue/requeue-jobs/', '/v6/jobs/cancel/', '/queue/new-job/'])
      expect((await web.send('POST', path, {})).status, path).to.equal(401);
    for (const prefix of ['/api', '/v3', '/api/v3', '/v6'])
      for (const path of ['/v2/job_executions', `/v1/job_executions/${messageId}`]) {
        expect((await web.send('GET', `${prefix}${path}/`)).status).to.equal(401);
        expect((await web.send('POST', `${prefix}${path}`, wish)).status).to.equal(401);
      }
    for (const method of ['POST', 'DELETE'])
      for (const path of ['/v1/apps/blog/revision_lock', '/V1/APPS/blog/revision_lock.json/'])
        expect((await web.send(method, path, { revision: 'v1' })).status, `${method} ${path}`).to.equal(403);
    expect(await web.room.store.read.projectRevision('blog')).to.equal(null);
    expect(await count()).to.equal(1);
  });

  it('is no page in a browser: not by a name of its own that leads here either', async () => {
    await open(['127.0.0.0/8']);
    const here = `localhost:${web.port}`;
    for (const [host, origin] of [
      ['evil.example', 'http://evil.example'],
      [`evil.example:${web.port}`, `http://evil.example:${web.port}`],
      [here, `http://${here}`],
    ] as const)
      for (const path of ['/v2/job_executions', `/v1/job_executions/${messageId}/retries`]) {
        const { status } = await web.send('POST', path, wish, { Host: host, Origin: origin });
        expect(status, `${path} from ${origin}`).to.equal(401);
      }
    expect(await count()).to.equal(1);
    expect((await web.send('POST', '/v2/job_executions', wish, { Host: 'barbeque' })).status).to.equal(201);
  });

  it('does not get there by saying that he is', async () => {
    await open(['172.30.0.0/16']);
    for (const name of [
      'X-Forwarded-For',
      'Forwarded',
      'X-Real-IP',
      'X-Client-IP',
      'Via',
      'True-Client-IP',
    ]) {
      const value = name === 'Forwarded' ? 'for=172.30.0.5' : '172.30.0.5';
      const answer = await web.send('POST', '/v2/job_executions', wish, { [name]: value });
      expect(answer.status, name).to.equal(401);
    }
    expect((await web.send('GET', `/v1/job_executions/${messageId}?fields=*`)).status).to.equal(401);
  });

  it('is held to the limits of one address, whatever he calls himself', async () => {
    await open(['127.0.0.1'], { triggersPerMinute: 2, requestsPerMinute: 4 });
    const statuses = [];
    for (let i = 0; i < 6; i++)
      statuses.push(
        (await web.send('POST', '/v2/job_executions', wish, { 'X-Forwarded-For': `10.0.0.${i}` })).status,
      );
    expect(statuses).to.deep.equal([201, 201, 429, 429, 429, 429]);
  });

  it('sees of the work of others what he can name', async () => {
    await open(['127.0.0.1']);
    const of = (path: string) => web.send('GET', path);
    expect((await of(`/v1/job_executions/${messageId}?fields=message`)).body).to.contain('of the blog');
    for (const path of [
      '/v1/job_executions',
      '/v1/job_executions/',
      '/v1/job_executions/1',
      '/v2/job_executions',
    ])
      expect((await of(path)).status, path).to.equal(404);
  });
});
