import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { ServerResponse } from 'node:http';
import { forgetOldNotifications } from '../../../server/room/notify/forget.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { known } from '../store/temporaryStore.ts';
import { openPostOffice, type PostOffice } from './postOffice.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const answer = (response: ServerResponse, status: number, body = '', headers: Record<string, string> = {}) =>
  void response.writeHead(status, headers).end(body);

describe('outgoing webhooks', () => {
  let office: PostOffice;
  let receiver: Receiver;
  const receive = async (...args: Parameters<typeof startReceiver>) => {
    receiver = await startReceiver(...args);
    return receiver;
  };
  const triesOf = (id: string) => office.store.read.notificationTries(id);
  beforeEach(async () => {
    office = await openPostOffice();
  });
  afterEach(async () => {
    await office.close();
    await receiver?.close();
  });

  it('arrive signed, with exactly the bytes that were kept', async () => {
    await receive();
    const body = '{"run_id":"a","result":{"big":12345678901234567890,"text":"ü\\u0000 "} }';
    const id = await office.add(`${receiver.url}/hook?a=b`, { secret: 'the secret', body });
    await office.start();
    const one = await office.settled(id, 'delivered');
    const [got = expect.fail('nothing came')] = receiver.received;
    expect(got.path).to.equal('/hook?a=b');
    expect(got.body.toString('utf8')).to.equal(body);
    expect(got.headers).to.include({
      'content-type': 'application/json',
      'x-run-id': one.runId,
      'x-job-id': one.jobId,
      'x-strait-delivery-id': id,
      'x-strait-attempt': '1/3',
      'x-strait-idempotency-key': `${id}:1`,
    });
    const timestamp = String(got.headers['x-strait-timestamp']);
    expect(Number(timestamp)).to.be.closeTo(Date.now() / 1000, 60);
    const signature = createHmac('sha256', 'the secret').update(`${timestamp}.${body}`).digest('hex');
    expect(got.headers['x-strait-signature']).to.equal(`v1=${signature}`);
    expect(got.headers['x-webhook-signature']).to.equal(`v1=${signature}`);
    expect(one).to.include({ tries: 1, lastStatus: 200, lastError: null });
  });

  it('are not signed without a secret', async () => {
    await receive();
    await office.start();
    await office.settled(await office.add(receiver.url), 'delivered');
    const [got = expect.fail('nothing came')] = receiver.received;
    expect(got.headers).not.to.have.any.keys(
      'x-strait-timestamp',
      'x-strait-signature',
      'x-webhook-signature',
    );
  });

  it('are tried again after a pause, each try recorded', async () => {
    await receive((response, _, count) => answer(response, count === 1 ? 503 : 200, 'not\n\tnow'));
    await office.start();
    const id = await office.add(receiver.url, { secret: 's' });
    const waiting = await office.settled(id, 'pending', 1);
    expect(waiting).to.include({ lastStatus: 503, lastError: 'the receiver answered 503: not now' });
    office.later(6500);
    await office.settled(id, 'delivered', 2);
    const [first, second] = receiver.received;
    expect(second?.body).to.deep.equal(first?.body);
    expect(second?.headers).to.include({ 'x-strait-delivery-id': id, 'x-strait-attempt': '2/3' });
    expect(second?.headers).to.include({ 'x-strait-idempotency-key': `${id}:2` });
    expect((await triesOf(id)).map(({ number, status }) => [number, status])).to.deep.equal([
      [1, 503],
      [2, 200],
    ]);
  });

  it('wait as long as the receiver asks for', async () => {
    await receive((response) => answer(response, 429, '', { 'Retry-After': '900' }));
    await office.start();
    const one = await office.settled(await office.add(receiver.url), 'pending', 1);
    expect((one.nextAt ?? 0) - one.createdAt).to.be.within(900_000, 960_000);
  });

  it('are dead at once where another try changes nothing', async () => {
    await receive((response) => answer(response, 404));
    await office.start();
    const one = await office.settled(await office.add(receiver.url), 'dead');
    expect(one).to.include({ tries: 1, lastStatus: 404, nextAt: null });
  });

  it('are dead after their last try, and can be sent again', async () => {
    let status = 500;
    await receive((response) => answer(response, status));
    await office.start();
    const id = await office.add(receiver.url, { maxTries: 2 });
    await office.settled(id, 'pending', 1);
    office.later(6500);
    await office.settled(id, 'dead', 2);
    expect(office.reports.at(-1)?.sentence).to.equal('a webhook is not tried again');
    status = 204;
    await office.store.write((tx) => tx.redeliver(id, 3, office.room.now()));
    office.room.wakeNotifier();
    await office.settled(id, 'delivered', 3);
    expect(receiver.received.at(-1)?.headers['x-strait-attempt']).to.equal('3/5');
  });

  it('are given up on when the receiver hangs, before or in its answer', async () => {
    await receive((response, { path }) => {
      if (path === '/begins') response.flushHeaders();
    });
    await office.start({ timeoutMs: 500 });
    const [begun, silent] = [await office.add(`${receiver.url}/begins`), await office.add(receiver.url)];
    expect(await office.settled(begun, 'delivered', 1)).to.include({ lastStatus: 200 });
    expect(await office.settled(silent, 'pending', 1)).to.include({
      lastStatus: null,
      lastError: 'the receiver did not answer within 0.5 s',
    });
  });

  it('read no more of an answer than they keep', async () => {
    await receive((response) => {
      response.writeHead(500);
      const more = () => response.writable && response.write('x'.repeat(16_384), () => setImmediate(more));
      more();
    });
    await office.start();
    const one = await office.settled(await office.add(receiver.url), 'pending', 1);
    expect(one.lastError).to.equal(`the receiver answered 500: ${'x'.repeat(500)}`);
  });

  it('come again, under the same id, after a crash in between', async () => {
    await receive();
    const id = await office.add(receiver.url);
    const now = office.room.now();
    const limits = { free: 1, perOrigin: 1, underWay: new Map() };
    await office.store.write((tx) => tx.takeDueNotifications(now, now + 25_000, limits));
    await office.start();
    const sentinel = await office.add(receiver.url);
    await office.settled(sentinel, 'delivered');
    expect(receiver.received).to.have.length(1);
    office.later(25_100);
    await office.settled(id, 'delivered', 1);
    expect(receiver.received.at(-1)?.headers['x-strait-delivery-id']).to.equal(id);
  });

  it('are left for later when the server goes away in the middle', async () => {
    await receive((response, _, count) => (count === 1 ? undefined : answer(response, 200)));
    const notifier = await office.start();
    const id = await office.add(receiver.url);
    await waitFor('the request', () => receiver.open === 1);
    await notifier.stop(0);
    expect(await known(office.store.read.notification(id))).to.include({ state: 'pending', tries: 0 });
    await office.start();
    office.later(26_000);
    await office.settled(id, 'delivered', 1);
  });

  it('go nowhere but to the public internet, unless that is allowed', async () => {
    await office.close();
    office = await openPostOffice({ allowPrivate: false });
    await receive();
    await office.start();
    const port = new URL(receiver.url).port;
    const urls = [
      receiver.url,
      `http://localhost:${port}/`,
      'http://169.254.169.254/latest',
      'http://[::1]/',
    ];
    for (const url of urls) {
      const one = await office.settled(await office.add(url), 'dead', 1);
      expect(one.lastError, url).to.match(/^webhook_url refused: .*(private or reserved|not allowed)/);
      expect(one.lastStatus).to.equal(null);
    }
    expect(receiver.received).to.deep.equal([]);
  });

  it('follow no redirect', async () => {
    await receive((response) => answer(response, 302, '', { Location: `${receiver.url}/elsewhere` }));
    await office.start();
    const one = await office.settled(await office.add(receiver.url), 'pending', 1);
    expect(one).to.include({ lastStatus: 302 });
    expect(receiver.received.map(({ path }) => path)).to.deep.equal(['/']);
  });

  it('are dead where their secret does not open', async () => {
    await receive();
    await office.start();
    const id = await office.add(receiver.url, { secret: 's' });
    await office.settled(id, 'delivered');
    const foreign = await openPostOffice();
    const stolen = await foreign.add(receiver.url, { secret: 's' });
    const { secret } = await known(foreign.store.read.notification(stolen));
    await foreign.close();
    await office.store.write((tx) =>
      tx.addNotification({
        id: stolen,
        project: 'acme',
        jobId: 'j',
        runId: 'r',
        event: 'run.failed',
        url: receiver.url,
        secret,
        body: '{}',
        maxTries: 3,
        createdAt: office.room.now(),
      }),
    );
    office.room.wakeNotifier();
    expect((await office.settled(stolen, 'dead', 1)).lastError).to.match(/does not open/);
    expect(receiver.received).to.have.length(1);
  });

  it('are forgotten a month after their end', async () => {
    await receive();
    await office.start();
    const [old, young] = [await office.add(receiver.url), await office.add(receiver.url)];
    await office.settled(old, 'delivered');
    await office.settled(young, 'delivered');
    const day = 86_400_000;
    office.later(29 * day);
    const pending = await office.add('http://127.0.0.1:9/');
    await forgetOldNotifications(office.room);
    expect(await office.store.read.notification(old)).to.include({ state: 'delivered' });
    office.later(2 * day);
    await forgetOldNotifications(office.room);
    const left = await office.store.read.notifications({}, { limit: 9 });
    expect(left.map(({ id }) => id)).to.deep.equal([pending]);
  });

  it('of one slow receiver hold up no other, and are four at a time', async () => {
    const held: ServerResponse[] = [];
    await receive((response) => void held.push(response));
    const quick = await startReceiver();
    await office.start();
    const slow: string[] = [];
    for (let i = 0; i < 40; i++) slow.push(await office.add(receiver.url));
    await waitFor('the slow ones', () => receiver.open === 4);
    await office.settled(await office.add(quick.url), 'delivered');
    const free = setInterval(() => held.splice(0).forEach((response) => answer(response, 200)), 1);
    for (const id of slow) await office.settled(id, 'delivered', 1);
    clearInterval(free);
    expect(receiver.mostOpen).to.equal(4);
    await quick.close();
  });
});
