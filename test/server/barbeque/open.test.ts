import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { addressesOf } from '../../../server/config/openSchema.ts';
import { checkSettings } from '../../../server/config/settingsSchema.ts';
import { ConfigError } from '../../../server/config/mistakes.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { type Barbeque, jsonOf, openBarbeque } from './fixture.ts';

const token = 'the-token-of-the-administrator';
const auth = { Authorization: `Bearer ${token}` };
const wish = { application: 'blog', job: 'NotifyAuthor', queue: 'slow', message: 1 };

describe('an interface that is open to networks', () => {
  let barbeque: Barbeque;
  const start = async (networks: string[], limits: object = {}) => {
    barbeque = await openBarbeque({ open: { barbeque: networks }, limits }, { env: { TOKEN: token } });
  };
  afterEach(() => barbeque.close());

  it('takes executions from them without a credential, and nothing else', async () => {
    await start(['172.30.0.0/16', '127.0.0.0/8']);
    const { send } = barbeque;
    const made = await send('POST', '/v2/job_executions', wish);
    expect(made.status, made.body).to.equal(201);
    const path = `/v1/job_executions/${String(jsonOf(made)['message_id'])}`;
    expect((await send('GET', path)).status).to.equal(200);
    expect((await send('POST', `${path}/retries`)).status).to.equal(201);
    const run = await barbeque.room.store.read.run(String(jsonOf(made)['message_id']));
    expect(run?.createdBy).to.equal('network:127.0.0.1');
    expect((await send('POST', '/v1/apps/blog/revision_lock', { revision: 'v1' })).status).to.equal(403);
    for (const other of [
      '/jobs',
      '/v1/jobs?project_id=blog',
      `/v1/runs/${path.slice(-36)}`,
      '/queues',
      '/v1/api-keys',
    ])
      expect((await send('GET', other)).status, other).to.equal(401);
    expect((await send('POST', '/v1/jobs', {})).status).to.equal(401);
    expect((await send('GET', `${path}/../../jobs`)).status).to.equal(404);
  });

  it('still knows who shows a credential, and refuses a wrong one', async () => {
    await start(['127.0.0.1']);
    const { send } = barbeque;
    const locked = await send('POST', '/v1/apps/blog/revision_lock', { revision: 'v1' }, auth);
    expect(locked.status).to.equal(201);
    expect(
      (await send('POST', '/v2/job_executions', wish, { Authorization: 'Bearer wrong' })).status,
    ).to.equal(401);
    const run = await send('POST', '/v2/job_executions', wish, auth);
    expect((await barbeque.room.store.read.run(String(jsonOf(run)['message_id'])))?.createdBy).to.equal(null);
  });

  it('keeps everything else that guards a request', async () => {
    await start(['127.0.0.1'], { triggersPerMinute: 2 });
    const { send } = barbeque;
    const foreign = await send('POST', '/v2/job_executions', wish, { Origin: 'http://elsewhere.example' });
    expect([foreign.status, jsonOf(foreign)['error_code']]).to.deep.equal([403, 'cross_site']);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await send('POST', '/v2/job_executions', wish)).status);
    expect(statuses).to.deep.equal([201, 201, 429]);
  });

  it('is open to nobody unless the settings say so', async () => {
    await start([]);
    const { status, body, headers } = await barbeque.send('POST', '/v2/job_executions', wish);
    expect([status, (JSON.parse(body) as { status_code: number }).status_code]).to.deep.equal([401, 401]);
    expect(headers).to.include({ 'www-authenticate': 'Basic realm="docker-builder"' });
    expect((await barbeque.send('POST', '/v2/job_executions', wish, auth)).status).to.equal(201);
    const basic = { Authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` };
    expect((await barbeque.send('POST', '/v2/job_executions', wish, basic)).status).to.equal(401);
  });

  it('follows an edit of the settings', async () => {
    await start(['172.30.0.0/16']);
    const status = async () => (await barbeque.send('POST', '/v2/job_executions', wish)).status;
    expect(await status()).to.equal(401);
    const edit = (networks: string[]) =>
      writeFile(
        join(barbeque.data, 'settings.json'),
        JSON.stringify({ queues: [{ name: 'slow', paused: true }], open: { barbeque: networks } }),
      );
    await edit(['127.0.0.1']);
    await waitFor('the door to open', async () => (await status()) === 201);
    await edit([]);
    await waitFor('the door to close', async () => (await status()) === 401);
  });
});

describe('the networks of the settings', () => {
  const mistakesOf = (networks: unknown[]): string[] => {
    try {
      checkSettings({ open: { barbeque: networks } });
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.mistakes.map(({ place }) => place);
    }
  };

  it('are networks or addresses', () => {
    expect(mistakesOf(['172.30.0.0/16', '10.0.0.1', 'fd00::/8', '::1', '192.168.0.0/32'])).to.deep.equal([]);
    const wrong = [
      '0.0.0.0/0',
      '::/0',
      '172.30.0.0/33',
      'x',
      '',
      '172.30/16',
      '10.0.0.1/',
      '10.0.0.1/8/8',
      'fe80::1%eth0',
      '10.0.0.1/-1',
      5,
    ];
    expect(mistakesOf(wrong)).to.deep.equal(wrong.map((_, i) => `open.barbeque[${i}]`));
  });

  it('hold IPv4 also where it comes as IPv6', () => {
    const list = addressesOf(['172.30.0.0/16', 'fd00::/8', '10.0.0.7']);
    for (const [address, family, expected] of [
      ['172.30.255.255', 'ipv4', true],
      ['172.31.0.0', 'ipv4', false],
      ['::ffff:172.30.0.5', 'ipv6', true],
      ['::ffff:172.31.0.5', 'ipv6', false],
      ['fd12::1', 'ipv6', true],
      ['fe80::1', 'ipv6', false],
      ['10.0.0.7', 'ipv4', true],
      ['10.0.0.8', 'ipv4', false],
    ] as const)
      expect(list.check(address, family), address).to.equal(expected);
  });
});
