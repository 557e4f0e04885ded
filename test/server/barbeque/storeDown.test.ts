import { expect } from 'chai';
import { startPostgres, type TestPostgres } from '../../fixtures/postgres.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Barbeque, jsonOf, openBarbeque } from './fixture.ts';

describe('the interface of Barbeque without its database', () => {
  let postgres: TestPostgres;
  let barbeque: Barbeque;
  before(async () => {
    postgres = await startPostgres();
    barbeque = await openBarbeque({}, { env: { DATABASE: postgres.urlOf('postgres') } });
  });
  after(async () => {
    await barbeque?.close();
    await postgres?.close();
  });

  it('says so to everybody, in the one shape that its clients know', async () => {
    const made = await barbeque.enqueue();
    expect(made.status, made.body).to.equal(201);
    const id = String(jsonOf(made)['message_id']);
    expect((await barbeque.show(id)).status).to.equal(200);
    await postgres.close();
    const requests = {
      show: () => barbeque.show(id, '?fields=status'),
      enqueue: () => barbeque.enqueue(),
      retry: () => barbeque.send('POST', `/v1/job_executions/${id}/retries`, { delay_seconds: 1 }),
      lock: () => barbeque.send('POST', '/v1/apps/blog/revision_lock', { revision: 'v1' }),
      unlock: () => barbeque.send('DELETE', '/v1/apps/blog/revision_lock'),
    };
    for (const [name, ask] of Object.entries(requests)) {
      const { status, headers, body } = await waitFor('the end of what was under way', async () => {
        const answer = await ask();
        return answer.status < 300 ? undefined : answer;
      });
      expect(status, `${name}: ${body}`).to.equal(503);
      expect(Object.keys(JSON.parse(body) as object)).to.deep.equal(['message']);
      expect(headers).to.include({
        'cache-control': 'no-cache',
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
      });
      expect(headers).not.to.have.any.keys('etag', 'x-api-version');
      expect(headers['x-runtime']).to.match(/^\d+\.\d{6}$/);
    }
    expect((await barbeque.send('GET', '/v1/nothing')).status).to.be.oneOf([404, 503]);
    expect((await barbeque.send('HEAD', `/v1/job_executions/${id}`)).status).to.equal(503);
  });
});
