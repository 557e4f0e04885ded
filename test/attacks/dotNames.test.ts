import { expect } from 'chai';
import { adminToken, type Answer, openTestWeb, type TestWeb } from '../server/access/webFixture.ts';

/** Field.md row 3: what means a folder to others is a name like any other here, and names nothing. */
describe('attack: dots in place of a name', () => {
  let web: TestWeb;
  before(async () => {
    web = await openTestWeb();
  });
  after(() => web.close());

  const key = adminToken;
  // Sent as they are: no client of the tests may tidy them up.
  const parts = ['.', '..', '%2e', '%2e%2e', '..%2f..%2f..%2fetc%2fpasswd', '%2e%2e%5c', '..;', '%00', '%ff'];
  const routes: [method: string, path: (part: string) => string][] = [
    ['GET', (part) => `/jobs/${part}`],
    ['DELETE', (part) => `/jobs/${part}`],
    ...['attempts', 'tail', 'log', 'lines', 'stream'].map((what): [string, (part: string) => string] => [
      'GET',
      (part) => `/jobs/${part}/${what}`,
    ]),
    ['GET', (part) => `/v1/jobs/${part}`],
    ['GET', (part) => `/v1/jobs/${part}?project_id=acme`],
    ['PATCH', (part) => `/v1/jobs/${part}`],
    ['DELETE', (part) => `/v1/jobs/${part}`],
    ['POST', (part) => `/v1/jobs/${part}/trigger`],
    ['GET', (part) => `/v1/jobs/${part}/versions/${part}`],
    ['DELETE', (part) => `/v1/jobs/${part}/dependencies/${part}`],
    ['GET', (part) => `/v1/runs/${part}`],
    ['DELETE', (part) => `/v1/runs/${part}`],
    ['GET', (part) => `/v1/runs/${part}/events`],
    ['GET', (part) => `/v1/runs/${part}/stream`],
    ['POST', (part) => `/v1/runs/${part}/replay`],
    ['DELETE', (part) => `/v1/runs/${part}/idempotency-key`],
    ['GET', (part) => `/v1/api-keys/${part}`],
    ['GET', (part) => `/v1/webhook-deliveries/${part}`],
    ['GET', (part) => `/${part}`],
    ['GET', (part) => `/${part}/${part}/${part}/etc/passwd`],
  ];

  for (const [method, path] of routes)
    it(`${method} ${path('…')} is answered in words, and finds nothing`, async () => {
      for (const part of parts) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : {};
        const answer = await web.ask(method, path(part), { key, body });
        expect(answer.status, part).to.be.oneOf([400, 404]);
        expect(answer.json['error'], part).to.be.a('string');
        expect(answer.text, part).not.to.include('root:');
      }
    });

  it('is no account, repository or ref of a build', async () => {
    for (const name of ['.', '..', '../..', 'a/../b', '-x', 'a\\b']) {
      const build = { account: 'acme', repo: 'site', ref: 'main' };
      const refused: Answer[] = [];
      for (const field of ['account', 'repo', 'ref'])
        refused.push(await web.ask('POST', '/jobs', { key, body: { ...build, [field]: name } }));
      for (const source of [
        { account: name, repo: 'site' },
        { account: 'acme', repo: name },
      ]) {
        const job = { project_id: 'acme', name: 'site', slug: 'site', image: { source } };
        refused.push(await web.ask('POST', '/v1/jobs', { key, body: job }));
      }
      const allowed = refused.filter(({ status }) => ![400, 412].includes(status));
      expect(
        allowed.map(({ text }) => text),
        name,
      ).to.deep.equal([]);
    }
    expect((await web.ask('GET', '/jobs', { key })).json).to.deep.equal({});
  });
});
