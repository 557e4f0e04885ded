import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { endSilent } from '../../../server/room/http/report.ts';
import type { Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Received, type Receiver, startReceiver } from '../notify/receiver.ts';
import { type HttpWorld, openHttpWorld } from './httpWorld.ts';

describe('an endpoint that reports', () => {
  let world: HttpWorld;
  let endpoint: Receiver;
  /** What the endpoint does with the next calls; without it they wait for ever. */
  let behave: ((response: ServerResponse, call: Received) => void) | undefined;

  before(async () => {
    world = await openHttpWorld({}, { silenceMs: 50 });
    endpoint = await startReceiver((response, call) => behave?.(response, call));
  });
  afterEach(() => {
    behave = undefined;
    expect(world.reports.splice(0)).to.deep.equal([]);
  });
  after(async () => {
    await world.close();
    await endpoint.close();
  });

  /** A run whose endpoint was called and has not answered, and the token that it got. */
  async function called(definition = {}): Promise<{ run: Run; token: string }> {
    const before = endpoint.received.length;
    const run = await world.trigger(await world.job(endpoint.url, definition));
    await waitFor('the call', () => endpoint.received.length > before);
    return { run, token: String(endpoint.received.at(-1)?.headers['x-run-token']) };
  }

  async function report(run: Run, what: string, token: string | undefined, body?: unknown) {
    const response = await fetch(`${world.url}/sdk/v1/runs/${run.id}/${what}`, {
      method: 'POST',
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('completes the run at once, and its request is cut', async () => {
    const { run, token } = await called();
    const { status, body } = await report(run, 'complete', token, { result: { n: 1 } });
    expect([status, body]).to.deep.equal([200, { id: run.id, status: 'completed' }]);
    expect(await world.room.store.read.run(run.id)).to.include({ state: 'completed', attempt: 1 });
    expect(await world.output(run)).to.deep.equal({ n: 1 });
    await waitFor('the request to be cut', () => endpoint.open === 0);
  });

  it('completes without a result', async () => {
    const { run, token } = await called();
    expect((await report(run, 'complete', token)).status).to.equal(200);
    expect(await world.output(run)).to.equal(undefined);
  });

  it('fails the run, which is not tried again', async () => {
    const { run, token } = await called();
    const { status, body } = await report(run, 'fail', token, { error: 'no such customer' });
    expect([status, body['status']]).to.deep.equal([200, 'failed']);
    expect(await world.ended(run)).to.include({
      state: 'failed',
      reason: 'endpoint_reported',
      error: 'no such customer',
      attempt: 1,
    });
  });

  it('counts the first of report and answer', async () => {
    const { run, token } = await called();
    const reports = await Promise.all([
      report(run, 'complete', token, { result: 1 }),
      report(run, 'fail', token, { error: 'too late' }),
    ]);
    expect(reports.map(({ status }) => status)).to.have.members([200, 409]);
    expect((await report(run, 'complete', token)).status).to.equal(409);
    behave = (response) => void response.end('"the answer"');
    const answered = await world.done(await world.job(endpoint.url));
    const late = String(endpoint.received.at(-1)?.headers['x-run-token']);
    expect((await report(answered, 'complete', late, { result: 1 })).status).to.equal(409);
    expect(await world.output(answered)).to.equal('the answer');
  });

  it('writes to the log of the run', async () => {
    const { run, token } = await called();
    const said = [
      await report(run, 'log', token, { message: 'one\ntwo' }),
      await report(run, 'log', token, { message: 'careful', level: 'warn', data: { a: [1] } }),
      await report(run, 'progress', token, { percent: 40, message: 'half of it' }),
      await report(run, 'log', token, { message: `my token is ${token}\x00 ok` }),
    ];
    expect(said.map(({ status, body }) => [status, body['status']])).to.deep.equal(
      said.map(() => [200, 'executing']),
    );
    await report(run, 'complete', token);
    expect(await world.log(run)).to.match(
      /^attempt 1 of acme\/job-\d+: POST http.*\none\ntwo\ncareful {"a":\[1\]}\nprogress 40 %: half of it\nmy token is \*{8} ok\ncompleted$/,
    );
    const streams: string[] = [];
    for await (const lines of world.room.logs.lines(run.id, 1, 9))
      streams.push(...lines.map(({ stream }) => stream));
    expect(streams).to.deep.equal(['system', 'stdout', 'stdout', 'stderr', 'system', 'stdout', 'system']);
  });

  it('is taken for gone when it was alive and then is silent', async () => {
    const [alive, quiet] = [await called({ maxAttempts: 1 }), await called()];
    expect((await report(alive.run, 'heartbeat', alive.token)).status).to.equal(200);
    await endSilent(world.room);
    expect((await world.room.store.read.run(alive.run.id))?.heartbeatAt).to.be.a('number');
    world.later(60);
    await endSilent(world.room);
    expect(await world.ended(alive.run)).to.include({ state: 'crashed', reason: 'endpoint_silent' });
    expect((await world.room.store.read.run(quiet.run.id))?.state).to.equal('running');
    await report(quiet.run, 'complete', quiet.token);
  });

  it('speaks for its own run, with a token of ours', async () => {
    const [one, other] = [await called(), await called()];
    const statuses = [
      await report(one.run, 'complete', undefined),
      await report(one.run, 'complete', `${one.token}x`),
      await report(one.run, 'complete', 'nobody-here-knows-it'),
      await report(one.run, 'complete', other.token),
      await report({ ...one.run, id: 'no-such-run' }, 'heartbeat', one.token),
    ];
    expect(statuses.map(({ status }) => status)).to.deep.equal([401, 401, 401, 403, 403]);
    const expired = world.room.tokens.sign(one.run.id, 0, 1000);
    expect((await report(one.run, 'complete', expired)).status).to.equal(401);
    for (const { run, token } of [one, other])
      expect((await report(run, 'complete', token)).status).to.equal(200);
  });

  it('is refused where it says nothing that can be understood', async () => {
    const { run, token } = await called();
    const deep = (field: string, what: string) =>
      report(run, what, token, `{"message":"m","${field}":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
    const refusals = [
      await report(run, 'complete', token, '{bad'),
      await report(run, 'complete', token, []),
      await report(run, 'log', token, {}),
      await report(run, 'log', token, { message: 'x', level: 'loud' }),
      await report(run, 'progress', token, { percent: 101 }),
      await report(run, 'fail', token, { error: '' }),
      ...(await Promise.all([deep('result', 'complete'), deep('data', 'log')])),
      await report(run, 'complete', token, { result: 'x'.repeat(1024 * 1024) }),
    ];
    expect(refusals.map(({ status }) => status)).to.deep.equal([
      ...Array.from({ length: 8 }, () => 400),
      413,
    ]);
    expect((await world.room.store.read.run(run.id))?.state).to.equal('running');
    await report(run, 'complete', token);
  });

  it('does not speak for a run that does not call it now', async () => {
    const job = await world.job(endpoint.url);
    const run = await world.trigger(job, { scheduledAt: world.room.now() + 60_000 });
    const token = world.room.tokens.sign(run.id, world.room.now(), world.room.now() + 60_000);
    const { status, body } = await report(run, 'heartbeat', token);
    expect(status).to.equal(409);
    expect(body['message']).to.match(/is delayed: only a running one/);
  });
});
