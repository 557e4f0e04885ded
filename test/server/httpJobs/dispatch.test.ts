import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { cancel } from '../../../server/room/cancel.ts';
import { freePort } from '../../fixtures/freePort.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Received, type Receiver, startReceiver } from '../notify/receiver.ts';
import { type HttpWorld, openHttpWorld } from './httpWorld.ts';

describe('an HTTP job', () => {
  let world: HttpWorld;
  const receivers: Receiver[] = [];

  /** An endpoint that answers as it is told by the number of the call, from 1. */
  async function endpoint(...answer: Parameters<typeof startReceiver>): Promise<Receiver> {
    const receiver = await startReceiver(...answer);
    receivers.push(receiver);
    return receiver;
  }
  const answering = (status: number, body = '', headers: Record<string, string> = {}) =>
    endpoint((response) => void response.writeHead(status, headers).end(body));
  const first = ({ received }: Receiver): Received => {
    const [one] = received;
    if (!one) throw new Error('the endpoint was not called');
    return one;
  };

  before(async () => {
    world = await openHttpWorld();
  });
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((one) => one.close()));
    expect(world.reports.splice(0)).to.deep.equal([]);
  });
  after(() => world.close());

  it('posts its payload, and keeps what the endpoint answers', async () => {
    const { url, received } = await answering(200, '{"ok": true}', { 'Content-Type': 'application/json' });
    const job = await world.job(`${url}/hook?x=1`);
    const run = await world.done(job, { payload: { b: 2, a: [1, { d: null, c: 'ü' }] } });
    expect(run.state).to.equal('completed');
    expect(run.startedAt).to.be.at.most(run.completedAt ?? 0);
    expect(await world.room.store.read.runBody(run.id)).to.have.property('output', '{"ok": true}');
    expect(received).to.have.length(1);
    const [call] = received;
    expect(call?.path).to.equal('/hook?x=1');
    expect(call?.body.toString()).to.equal('{"a":[1,{"c":"ü","d":null}],"b":2}');
    expect(call?.headers).to.deep.include({
      'content-type': 'application/json',
      'x-run-id': run.id,
      'x-job-id': job.id,
      'x-attempt': '1',
    });
    expect(call?.headers).not.to.have.property('x-previous-error');
    expect(world.room.tokens.verify(String(call?.headers['x-run-token']), Date.now())).to.equal(run.id);
  });

  it('sends {} where there is no payload, and takes nothing for an answer', async () => {
    const receiver = await answering(204);
    const run = await world.done(await world.job(receiver.url));
    expect(run.state).to.equal('completed');
    expect(first(receiver).body.toString()).to.equal('{}');
    expect(await world.output(run)).to.equal(undefined);
    expect(await world.room.logs.lineCount(run.id)).to.equal(undefined);
  });

  it('keeps an answer that is no JSON as a text', async () => {
    const { url } = await answering(200, 'not {json}\n');
    expect(await world.output(await world.done(await world.job(url)))).to.equal('not {json}\n');
  });

  it('keeps an answer that is nested so deeply that nobody could show it as a text', async () => {
    for (const [levels, isText] of [
      [500, false],
      [501, true],
      [100_000, true],
    ] as const) {
      const { url } = await answering(200, '['.repeat(levels) + ']'.repeat(levels));
      const output = await world.output(await world.done(await world.job(url)));
      expect(typeof output === 'string', `${levels} levels`).to.equal(isText);
    }
  });

  it('sends the headers that it was given, and its signature', async () => {
    const receiver = await answering(200);
    const headers = { Authorization: 'Bearer abc', 'X-Attempt': '99', Host: 'elsewhere', 'X-Own': 'yes' };
    const job = await world.job(receiver.url, { http: { headers, signingSecret: 'sixteen letters!' } });
    expect(job.definition.http?.signingSecret).not.to.contain('sixteen');
    await world.done(job, { payload: { a: 1 } });
    const call = first(receiver);
    expect(call.headers).to.deep.include({
      authorization: 'Bearer abc',
      'x-own': 'yes',
      'x-attempt': '1',
      host: new URL(receiver.url).host,
    });
    const timestamp = String(call.headers['x-strait-timestamp']);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).to.be.below(30);
    const signature = createHmac('sha256', 'sixteen letters!').update(`${timestamp}.{"a":1}`).digest('hex');
    expect(call.headers['x-strait-signature']).to.equal(`v1=${signature}`);
  });

  it('passes the trace of its trigger on', async () => {
    const receiver = await answering(200);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await world.done(await world.job(receiver.url), {
      metadata: { Traceparent: traceparent, tracestate: 'a=1' },
    });
    expect(first(receiver).headers).to.deep.include({ traceparent, tracestate: 'a=1' });
  });

  it('is tried again after 5xx, and then says why', async () => {
    const receiver = await endpoint((response, _received, count) => {
      response.statusCode = count === 1 ? 500 : 200;
      response.end(count === 1 ? 'out of\r\ncoffee' : '{}');
    });
    const run = await world.trigger(await world.job(receiver.url));
    const waiting = await world.waiting(run);
    expect(waiting).to.include({ reason: 'endpoint_failed', error: 'endpoint returned 500: out of coffee' });
    world.later((waiting.nextRetryAt ?? 0) - world.room.now());
    const end = await world.ended(run);
    expect(end).to.include({ state: 'completed', attempt: 2 });
    expect(receiver.received[1]?.headers).to.deep.include({
      'x-attempt': '2',
      'x-previous-error': 'endpoint returned 500: out of coffee',
    });
    expect(await world.log(run)).to.match(
      /^attempt 1 of acme\/job-\d+: POST http.*\nendpoint returned 500\nendpoint_failed: .*\nattempt 2 of .*\nendpoint returned 200\ncompleted$/,
    );
    const attempts = await world.room.store.read.attempts(run.id);
    expect(attempts.map(({ firstLine, lastLine }) => [firstLine, lastLine])).to.deep.equal([
      [1, 3],
      [4, 6],
    ]);
  });

  for (const [status, reason, state] of [
    [429, 'endpoint_busy', 'queued'],
    [503, 'endpoint_failed', 'queued'],
    [401, 'endpoint_denied', 'dead_letter'],
    [403, 'endpoint_denied', 'dead_letter'],
    [404, 'endpoint_rejected', 'dead_letter'],
    [304, 'endpoint_rejected', 'dead_letter'],
  ] as const)
    it(`is ${state} after ${status}`, async () => {
      const { url } = await answering(status);
      const run = await world.trigger(await world.job(url));
      const after = state === 'queued' ? await world.waiting(run) : await world.ended(run);
      expect(after).to.include({ state, reason, error: `endpoint returned ${status}` });
      if (state === 'queued') await cancel(world.room, run.id);
    });

  it('does not show a secret that the endpoint answers with', async () => {
    const { url } = await endpoint((response, { headers }) => {
      response.writeHead(400).end(JSON.stringify(headers));
    });
    const http = { headers: { Authorization: 'Bearer very-secret' }, signingSecret: 'sixteen letters!' };
    const run = await world.done(await world.job(url, { http }));
    const shown = `${run.error} ${await world.log(run)}`;
    expect(shown).to.contain('********').and.not.contain('very-secret').and.not.contain('eyJ');
  });

  it('asks the fallback where the endpoint cannot be reached, in the same attempt', async () => {
    const fallback = await answering(200, '"from the fallback"');
    const http = { fallbackUrl: `${fallback.url}/second` };
    const run = await world.done(await world.job(`http://127.0.0.1:${await freePort()}`, { http }));
    expect(run).to.include({ state: 'completed', attempt: 1 });
    expect(fallback.received).to.have.length(1);
    expect(await world.output(run)).to.equal('from the fallback');
  });

  it('asks the fallback after 429 and after half of its time, but not after 500', async () => {
    const fallback = await answering(200);
    const silent = await endpoint(() => {});
    const [busy, broken] = [await answering(429), await answering(500)];
    const http = { fallbackUrl: fallback.url };
    const slow = await world.job(silent.url, { http, timeoutSecs: 1 });
    const [one, two] = await Promise.all([world.done(await world.job(busy.url, { http })), world.done(slow)]);
    expect([one.state, two.state, one.attempt, two.attempt]).to.deep.equal(['completed', 'completed', 1, 1]);
    const third = await world.trigger(await world.job(broken.url, { http }));
    await world.waiting(third);
    await cancel(world.room, third.id);
    expect(fallback.received).to.have.length(2);
  });

  it('ends when its time is over, whatever the endpoint does', async () => {
    const silent = await endpoint(() => {});
    const dripping = await endpoint((response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(drip));
    });
    const limits = { timeoutSecs: 1, maxAttempts: 1 };
    const jobs = [await world.job(silent.url, limits), await world.job(dripping.url, limits)];
    for (const run of await Promise.all(jobs.map((job) => world.done(job)))) {
      expect(run).to.include({ state: 'timed_out', reason: 'endpoint_timeout' });
      expect(run.error).to.equal('endpoint did not answer within 1 s');
      expect((run.completedAt ?? 0) - (run.startedAt ?? 0)).to.be.within(990, 20_000);
    }
    await waitFor('the requests to be cut', () => silent.open + dripping.open === 0);
  });

  it('is not dispatched once it was canceled, and is cut when it was', async () => {
    const silent = await endpoint(() => {});
    const job = await world.job(silent.url, { maxConcurrency: 1 });
    const [running, queued] = [await world.trigger(job), await world.trigger(job)];
    await waitFor('the call', () => silent.open === 1);
    await cancel(world.room, queued.id);
    await cancel(world.room, running.id);
    expect((await world.ended(queued)).startedAt).to.equal(null);
    expect(await world.ended(running)).to.include({ state: 'canceled', reason: 'canceled' });
    await waitFor('the request to be cut', () => silent.open === 0);
    expect(silent.received).to.have.length(1);
  });

  it('keeps an answer of 1 MiB, and refuses a longer one', async () => {
    const long = JSON.stringify('x'.repeat(1024 * 1024 - 2));
    const [fits, tooLong] = [await answering(200, long), await answering(200, `${long} `)];
    const runs = await Promise.all([fits, tooLong].map(async ({ url }) => world.done(await world.job(url))));
    expect(runs.map(({ state, reason }) => [state, reason])).to.deep.equal([
      ['completed', null],
      ['dead_letter', 'endpoint_output'],
    ]);
  });

  it('refuses an answer that breaks off, and one that never began is tried again', async () => {
    const torn = await endpoint((response) => {
      response.writeHead(200, { 'Content-Length': '100' }).write('{"a":');
      setTimeout(() => response.destroy(), 20);
    });
    const hung = await endpoint((response) => void response.destroy());
    const run = await world.done(await world.job(torn.url));
    expect(run).to.include({ state: 'dead_letter', reason: 'endpoint_output' });
    const again = await world.trigger(await world.job(hung.url));
    expect((await world.waiting(again)).reason).to.equal('endpoint_unreachable');
    await cancel(world.room, again.id);
  });

  it('does not wait for the end of an answer that is none', async () => {
    const { url } = await endpoint((response) => {
      response.writeHead(404);
      const more = setInterval(() => response.write('no '.repeat(500)), 1);
      response.once('close', () => clearInterval(more));
    });
    const run = await world.done(await world.job(url));
    expect(run.reason).to.equal('endpoint_rejected');
    expect(run.error)
      .to.match(/^endpoint returned 404: no no/)
      .and.have.length.below(1100);
  });

  it('cannot be asked with a header that no request can have', async () => {
    const { url } = await answering(200);
    const run = await world.done(await world.job(url, { http: { headers: { 'X-A': 'b\r\nX-Evil: 1' } } }));
    expect(run).to.include({ state: 'dead_letter', reason: 'endpoint_rejected' });
  });

  it('says how long its parts took', async () => {
    const { url } = await endpoint((response) => void setTimeout(() => response.end(), 30));
    const run = await world.done(await world.job(url));
    const trace = run.executionTrace;
    if (!trace) throw new Error('the run has no trace');
    const { connectMs, ttfbMs, transferMs, dispatchMs, totalMs, dequeueMs, queueWaitMs } = trace;
    expect(Object.values(trace).every((ms) => Number.isInteger(ms) && ms >= 0)).to.equal(true);
    expect(ttfbMs).to.be.at.least(25);
    expect(connectMs).to.be.at.least(1);
    expect(dispatchMs).to.equal(connectMs + ttfbMs + transferMs);
    expect(totalMs).to.be.at.least(dispatchMs + dequeueMs);
    expect(run.createdAt + queueWaitMs).to.be.at.most(run.completedAt ?? 0);
  });

  it('calls what its version says, by its policy', async () => {
    const [old, latest] = [await answering(200), await answering(200)];
    const cases = [
      [{ versionPolicy: 'pin' }, old, 1],
      [{ versionPolicy: 'minor' }, old, 1],
      [{ versionPolicy: 'minor', backwardsCompatible: true }, latest, 2],
      [{ versionPolicy: 'latest' }, latest, 2],
    ] as const;
    for (const [definition, called, version] of cases) {
      const job = await world.job(`${old.url}/v1`, definition);
      const run = await world.trigger(job, { scheduledAt: world.room.now() + 60_000 });
      await world.change(job, { http: { url: `${latest.url}/v2` } });
      const before = called.received.length;
      world.later(60_000);
      expect((await world.ended(run)).jobVersion).to.equal(version);
      expect(called.received.length).to.equal(before + 1);
    }
  });
});
