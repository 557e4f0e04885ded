import { expect } from 'chai';
import { createLimits } from '../../../server/app/limits.ts';
import { adminToken, openTestWeb, type TestWeb } from './webFixture.ts';

const build = { account: 'acme', repo: 'site', ref: 'main' };

describe('limits of requests', () => {
  let web: TestWeb | undefined;
  const open = async (limits: object): Promise<TestWeb> =>
    (web = await openTestWeb({ settings: { limits } }));
  afterEach(async () => {
    await web?.close();
    web = undefined;
  });

  it('bound the requests of each key, and say when to come back', async () => {
    const { ask, makeKey } = await open({ requestsPerMinute: 3 });
    const [one, two] = [(await makeKey()).text, (await makeKey()).text];
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask('GET', '/jobs', { key: one }));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers['x-ratelimit-remaining'])).to.deep.equal([
      '2',
      '1',
      '0',
      '0',
    ]);
    expect(answers[3]?.headers).to.include({ 'x-ratelimit-limit': '3', 'retry-after': '20' });
    expect(answers[3]?.json).to.include({ code: 'rate_limited' });
    expect((await ask('GET', '/jobs', { key: two })).status).to.equal(200);
    expect((await ask('GET', '/jobs', { key: adminToken })).headers).not.to.have.property(
      'x-ratelimit-limit',
    );
  });

  it('bound the triggers of a key, through whatever door', async () => {
    const { ask, makeKey } = await open({ triggersPerMinute: 2 });
    const { text: key } = await makeKey();
    expect((await ask('POST', '/jobs', { key, body: build })).status).to.equal(202);
    const second = await ask('POST', '/docker-build', { key, body: build });
    expect(second.headers).to.include({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' });
    for (const path of ['/jobs', '/v1/jobs/site/trigger', '/v1/jobs/site/trigger/bulk'])
      expect((await ask('POST', path, { key, body: build })).status, path).to.equal(429);
    expect((await ask('GET', '/jobs', { key })).status).to.equal(200);
    for (let i = 0; i < 5; i++)
      expect((await ask('POST', '/jobs', { key: adminToken, body: build })).status).to.equal(202);
  });

  it('count every run of a bulk trigger', async () => {
    const { ask, makeKey } = await open({ triggersPerMinute: 10 });
    const { text: key } = await makeKey();
    await ask('POST', '/jobs', { key, body: build });
    const items = Array.from({ length: 9 }, () => ({ payload: { ref: 'main' } }));
    const bulk = await ask('POST', '/v1/jobs/site/trigger/bulk', { key, body: { items } });
    expect(bulk.status, bulk.text).to.be.oneOf([200, 201, 202]);
    expect(bulk.headers).to.include({ 'x-ratelimit-remaining': '0' });
    expect((await ask('POST', '/jobs', { key, body: build })).status).to.equal(429);
  });

  it('bound guesses of an address, and let in who has a key or a session', async () => {
    const { ask, makeKey } = await open({ failedLoginsPerMinute: 5 });
    const { text: key } = await makeKey();
    const login = await ask('POST', '/session', { body: { token: adminToken } });
    const Cookie = String(login.headers['set-cookie']).split(';')[0];
    const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    const guesses = [
      await ask('GET', '/jobs', { key: 'guess' }),
      await ask('GET', '/jobs', { headers: basic('ann:guess') }),
      await ask('POST', '/session', { body: { token: 'guess' } }),
      await ask('GET', '/jobs', { key: `db_${'0'.repeat(40)}` }),
      await ask('GET', '/jobs', { headers: { Authorization: 'Digest x' } }),
    ];
    expect(guesses.map(({ status }) => status)).to.deep.equal([401, 401, 401, 401, 401]);
    // From here on even the right token is not compared, whatever the request says of where it comes from.
    for (const headers of [{}, { 'X-Forwarded-For': '192.0.2.1' }, { Forwarded: 'for=192.0.2.1' }]) {
      const answer = await ask('GET', '/jobs', { key: adminToken, headers });
      expect(answer.status).to.equal(429);
      expect(Number(answer.headers['retry-after'])).to.be.within(1, 12);
    }
    expect((await ask('POST', '/session', { body: { token: adminToken } })).status).to.equal(429);
    expect((await ask('GET', '/jobs', { key })).status).to.equal(200);
    expect((await ask('GET', '/jobs', { headers: { Cookie } })).status).to.equal(200);
    expect((await ask('GET', '/jobs')).status).to.equal(401);
  });

  it('take all of an IPv6 network for one guesser, and an IPv4 address for one however it is written', async () => {
    const isFree = async (first: string, second: string): Promise<boolean> => {
      const limits = createLimits(() => ({
        requestsPerMinute: 0,
        triggersPerMinute: 0,
        failedLoginsPerMinute: 1,
      }));
      await limits.countFailure(first);
      try {
        await limits.refuseGuesser(second);
        return true;
      } catch {
        return false;
      }
    };
    expect(await isFree('2001:db8::1', '2001:db8::2:0:0:1')).to.equal(false);
    expect(await isFree('2001:db8::1', '2001:db8:0:1::1')).to.equal(true);
    expect(await isFree('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::')).to.equal(false);
    expect(await isFree('fe80::1%eth0', 'fe80::2')).to.equal(false);
    expect(await isFree('::1', '::2')).to.equal(false);
    expect(await isFree('192.0.2.1', '::ffff:192.0.2.1')).to.equal(false);
    expect(await isFree('192.0.2.1', '192.0.2.2')).to.equal(true);
  });

  it('are off by 0', async () => {
    const { ask, makeKey } = await open({ failedLoginsPerMinute: 0, triggersPerMinute: 0 });
    const { text: key } = await makeKey();
    for (let i = 0; i < 70; i++) expect((await ask('GET', '/jobs', { key: 'guess' })).status).to.equal(401);
    expect((await ask('POST', '/jobs', { key, body: build })).headers).not.to.have.property(
      'x-ratelimit-limit',
    );
  });

  it('bound nobody while the server is open', async () => {
    web = await openTestWeb({
      env: {},
      settings: { limits: { requestsPerMinute: 1, triggersPerMinute: 1, failedLoginsPerMinute: 1 } },
    });
    for (let i = 0; i < 3; i++)
      expect((await web.ask('POST', '/jobs', { body: build, key: 'guess' })).status).to.equal(202);
  });

  it('take bodies of 6 MiB where payloads are, 1 MiB elsewhere, unpacked', async () => {
    const { ask } = await open({});
    const key = adminToken;
    const body = (mib: number) => ({ ...build, bobfile: 'x'.repeat(mib * 1024 * 1024) });
    const trigger = (mib: number) => ask('POST', '/v1/jobs/site/trigger', { key, body: body(mib) });
    expect((await trigger(5.9)).status).to.equal(404);
    expect((await trigger(6)).status).to.equal(413);
    expect((await ask('POST', '/jobs', { key, body: body(0.9) })).status).to.equal(412);
    expect((await ask('POST', '/jobs', { key, body: body(1) })).status).to.equal(413);
    expect((await ask('POST', '/sdk/v1/runs/x/log', { body: body(6) })).status).to.equal(413);
  });
});
