import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { settle } from '../../../server/room/settle.ts';
import { cancelRequested } from '../../../server/words/transitions/waiting.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';
import { type Receiver, startReceiver } from './receiver.ts';

type Json = Record<string, unknown>;
type Job = Json & { id: string };

describe('the end of a run is told to the webhook of its job', () => {
  let web: TestWeb;
  let key: string;
  let receiver: Receiver;
  let endpoint: Receiver;
  let answer: { status: number; body: string };

  before(async () => {
    web = await openTestWeb({ env: { ALLOW_PRIVATE: '1' } });
    key = (await web.makeKey()).text;
    endpoint = await startReceiver((response) => response.writeHead(answer.status).end(answer.body));
  });
  beforeEach(async () => {
    answer = { status: 200, body: '{"ok":true}' };
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());
  after(async () => {
    await web.close();
    await endpoint.close();
  });

  async function ask(method: string, path: string, body?: unknown): Promise<Json> {
    const { status, text, json } = await web.ask(method, path, { key, ...(body !== undefined && { body }) });
    checkAnswer(method, path, status, text);
    expect(status, text).to.be.below(300);
    return json;
  }
  let jobs = 0;
  const makeJob = async (fields: Json = {}) =>
    (await ask('POST', '/v1/jobs', {
      project_id: 'acme',
      name: 'Told',
      slug: `told-${++jobs}`,
      endpoint_url: `${endpoint.url}/do`,
      webhook_url: `${receiver.url}/told`,
      webhook_secret: 'the secret',
      ...fields,
    })) as Job;
  const trigger = async (job: Job) => String((await ask('POST', `/v1/jobs/${job.id}/trigger`, {}))['id']);
  const told = async () => {
    const one = await waitFor('the webhook', () => receiver.received[0]);
    return { ...one, json: JSON.parse(one.body.toString('utf8')) as Json };
  };
  const deliveriesOf = (run: string) => web.room.store.read.notifications({ runId: run }, { limit: 9 });

  it('signed, with what the endpoint answered (J26)', async () => {
    const job = await makeJob();
    const run = await trigger(job);
    const { headers, body, json } = await told();
    const { timestamp, ...rest } = json;
    expect(rest).to.deep.equal({
      run_id: run,
      job_id: job.id,
      project_id: 'acme',
      status: 'completed',
      attempt: 1,
      result: { ok: true },
    });
    expect(new Date(String(timestamp)).toISOString()).to.equal(timestamp);
    const signed = `${String(headers['x-strait-timestamp'])}.${body.toString('utf8')}`;
    const signature = createHmac('sha256', 'the secret').update(signed).digest('hex');
    expect(headers['x-strait-signature']).to.equal(`v1=${signature}`);
    const id = String(headers['x-strait-delivery-id']);
    const shown = await waitFor('the delivery to be recorded', async () => {
      const one = await ask('GET', `/v1/webhook-deliveries/${id}`);
      return one['status'] === 'delivered' ? one : undefined;
    });
    expect(shown).to.deep.include({ run_id: run, event_type: 'run.completed', attempts: 1, payload: json });
    const list = (await ask('GET', `/v1/webhook-deliveries?limit=5&run_id=${run}`))['data'] as Json[];
    expect(list.map((one) => one['id'])).to.deep.equal([id]);
  });

  it('also when it failed', async () => {
    answer = { status: 404, body: 'nothing here' };
    const run = await trigger(await makeJob());
    const { json } = await told();
    expect(json).to.deep.include({
      run_id: run,
      status: 'dead_letter',
      error: 'endpoint returned 404: nothing here',
    });
    expect(json).not.to.have.property('result');
    expect((await deliveriesOf(run)).map(({ event }) => event)).to.deep.equal(['run.dead_letter']);
  });

  it('also when it was canceled before it began', async () => {
    const job = await makeJob();
    await ask('POST', `/v1/jobs/${job.id}/pause`);
    const run = await trigger(job);
    await ask('DELETE', `/v1/runs/${run}`);
    expect((await told()).json).to.include({ run_id: run, status: 'canceled', attempt: 1 });
  });

  it('as the version says that the run is done by', async () => {
    const job = await makeJob();
    await ask('POST', `/v1/jobs/${job.id}/pause`);
    const run = await trigger(job);
    await ask('PATCH', `/v1/jobs/${job.id}`, { webhook_url: 'http://127.0.0.1:9/' });
    await ask('POST', `/v1/jobs/${job.id}/resume`);
    expect((await told()).json).to.include({ run_id: run, status: 'completed' });
  });

  it('together with the outcome, or not at all', async () => {
    const job = await makeJob();
    await ask('POST', `/v1/jobs/${job.id}/pause`);
    const id = await trigger(job);
    const failing = settle(web.room, async (changes) => {
      const run = await changes.tx.run(id);
      const [attempt] = await changes.tx.attempts(id);
      const change = run && cancelRequested(run, attempt, changes.now);
      const after = change && (await changes.apply(run, attempt, change));
      expect(after).to.include({ state: 'canceled' });
      expect(await changes.tx.notifications({ runId: id }, { limit: 9 })).to.have.length(1);
      throw new Error('in the middle');
    });
    expect(await failing.then(expect.fail, String)).to.equal('Error: in the middle');
    expect(await web.room.store.read.run(id)).to.include({ state: 'queued' });
    expect(await deliveriesOf(id)).to.deep.equal([]);
    await ask('DELETE', `/v1/runs/${id}`);
    expect(await deliveriesOf(id)).to.have.length(1);
  });
});
