import { createHash, createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { sameSecret } from '../../server/http/compare.ts';
import { startServer, type TestServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';

const secret = 'the secret of the hook';
const travisToken = 'the token of travis';
const mebibyte = 1024 * 1024;

/** Field.md row 6: nobody but the holder of the secret makes a build, and nobody else costs more than his bytes. */
describe('attack: webhooks that are forged, replayed or oversized', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer({
      env: {
        DOCKER_HOST: 'unix:///nowhere.sock',
        DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
        DOCKER_BUILDER_GITHUBSECRET: secret,
        DOCKER_BUILDER_TRAVISTOKEN: travisToken,
        DOCKER_BUILDER_USERNAME: 'ann',
        DOCKER_BUILDER_PASSWORD: 'password',
      },
    });
  });
  after(() => server.close());

  const sign = (body: string | Buffer) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const pushOf = (changes: object = {}) =>
    JSON.stringify({
      ref: 'refs/heads/main',
      after: '0123456789012345678901234567890123456789',
      repository: { name: 'app', owner: { name: 'acme' } },
      ...changes,
    });

  function deliver(body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
    const usual = { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': sign(body) };
    return server.request('/docker-build/github', {
      method: 'POST',
      headers: { ...usual, ...headers },
      body: Buffer.from(body),
    });
  }

  async function countJobs(): Promise<number> {
    const Authorization = `Basic ${Buffer.from('ann:password').toString('base64')}`;
    const answer = await server.request('/jobs', { headers: { Authorization } });
    return Number(answer.headers.get('x-total-count'));
  }

  /** The largest that its memory ever was. */
  const mostMemory = (): number => {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  };

  it('a comparison of secrets says only whether they are the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(sameSecret(a, b)).to.equal(a === b);
        expect(sameSecret(a, a)).to.equal(true);
        expect(sameSecret(a, `${a}${b}x`)).to.equal(false);
      }),
    );
  });

  it('a delivery that is refused does not use up its id', async () => {
    const delivery = { 'X-GitHub-Delivery': randomUUID() };
    const forged = await deliver(pushOf(), {
      ...delivery,
      'X-Hub-Signature-256': `sha256=${'0'.repeat(64)}`,
    });
    expect(forged.status).to.equal(401);
    expect((await deliver(pushOf({ after: 'nonsense' }), delivery)).status).to.equal(412);
    const before = await countJobs();
    const real = await deliver(pushOf(), delivery);
    expect(real.status).to.equal(202);
    expect(await countJobs()).to.equal(before + 1);
    // Whoever saw it may send it again: it stays the one build, whatever else is said this time.
    const { id } = (await real.json()) as { id: string };
    const other = await deliver(pushOf({ after: 'a'.repeat(40) }), delivery);
    expect(await other.json()).to.include({ id, ref: '0123456789012345678901234567890123456789' });
    expect(await countJobs()).to.equal(before + 1);
  });

  it('a signature is over the bytes as they came', async () => {
    const body = pushOf();
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    expect((await deliver(spaced, { 'X-Hub-Signature-256': sign(body) })).status).to.equal(401);
    const form = new URLSearchParams({ payload: body }).toString();
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await deliver(form, { ...type, 'X-Hub-Signature-256': sign(body) })).status).to.equal(401);
    // One of two payloads is not signed apart.
    const twice = `${form}&payload=${encodeURIComponent(pushOf({ after: 'b'.repeat(40) }))}`;
    expect((await deliver(twice, { ...type, 'X-Hub-Signature-256': sign(form) })).status).to.equal(401);
  });

  it('a signature of one hook is none of the other, and no credential of a person', async () => {
    const body = pushOf();
    const jobs = await server.request('/jobs', {
      method: 'POST',
      headers: { 'X-Hub-Signature-256': sign(body) },
      body,
    });
    expect(jobs.status).to.equal(401);
    const asPassword = await deliver(body, {
      'X-Hub-Signature-256': '',
      Authorization: `Basic ${Buffer.from('ann:password').toString('base64')}`,
    });
    expect(asPassword.status).to.equal(401);
  });

  it('an Authorization of Travis is for one repository, however its name is cut', async () => {
    async function notify(slug: string, owner: string, name: string, signed = slug): Promise<number> {
      const payload = JSON.stringify({ commit: 'main', repository: { owner_name: owner, name } });
      const answer = await server.request('/docker-build/travis', {
        method: 'POST',
        headers: {
          'Travis-Repo-Slug': slug,
          Authorization: createHash('sha256')
            .update(signed + travisToken)
            .digest('hex'),
        },
        body: new URLSearchParams({ payload }),
      });
      return answer.status;
    }
    const before = await countJobs();
    expect(await notify('acme/app', 'acme', 'app2')).to.equal(401);
    expect(await notify('acme/app', 'acm', 'e/app')).to.equal(401);
    expect(await notify('acme/app', 'ACME', 'app')).to.equal(401);
    expect(await notify('acme/app', 'acme', 'app', 'acme/ap')).to.equal(401);
    expect(await notify('', '', '')).to.be.oneOf([401, 412]);
    expect(await notify('acme/group/app', 'acme', 'group/app')).to.equal(412);
    expect(await notify('/app', '', 'app')).to.be.oneOf([401, 412]);
    expect(await countJobs()).to.equal(before);
  });

  it('a payload that plays with prototypes is an ordinary one that lacks something', async () => {
    const bodies = [
      '{"__proto__":{"after":"0123456789012345678901234567890123456789"},"repository":{"name":"app"}}',
      `{"after":"${'0'.repeat(39)}1","repository":{"name":"app","__proto__":{"owner":{"name":"evil"}}}}`,
      '{"after":"constructor","repository":"__proto__"}',
      '[]',
      'null',
      '"text"',
      '{"after":{"toString":1}}',
    ];
    for (const body of bodies) {
      const answer = await deliver(body);
      expect(answer.status, body).to.equal(412);
      await answer.text();
    }
  });

  it('a body over 25 MiB is refused, said before or not', async () => {
    const body = Buffer.alloc(26 * mebibyte, 'x');
    expect((await deliver(body)).status).to.equal(413);
    const sent = request(`${server.url}/docker-build/github`, {
      method: 'POST',
      headers: { 'X-GitHub-Event': 'push' },
    });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [{ statusCode: number; resume: () => void }];
    answer.resume();
    expect(answer.statusCode).to.equal(413);
  });

  it('a packed body is not unpacked for a stranger', async () => {
    const before = mostMemory();
    const bomb = gzipSync(Buffer.alloc(24 * mebibyte));
    for (const coding of ['gzip', 'deflate', 'br', 'GZIP']) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => deliver(bomb, { 'Content-Encoding': coding })),
      );
      for (const { status } of answers) expect(status).to.equal(415);
    }
    expect(mostMemory() - before).to.be.lessThan(100 * mebibyte);
  });

  it('large bodies of strangers together do not fill the memory, and leave the server at work', async () => {
    const before = mostMemory();
    const head = `POST /docker-build/github HTTP/1.1\r\nHost: x\r\nContent-Length: ${25 * mebibyte}\r\n\r\n`;
    const most = Buffer.alloc(25 * mebibyte - 1000, 'x');
    // Each keeps the last bytes back, so that nothing is given free.
    const sockets = Array.from({ length: 12 }, () => connect(server.port, '127.0.0.1'));
    const said: string[] = [];
    for (const socket of sockets) {
      socket.on('error', () => {}).on('data', (data: Buffer) => said.push(data.toString()));
      socket.write(head);
      socket.write(most);
    }
    await waitFor('a refusal', () => said.some((text) => text.startsWith('HTTP/1.1 503 ')));
    expect((await server.request('/health')).status).to.equal(200);
    for (const socket of sockets) socket.destroy();
    await waitFor('room for others', async () => (await deliver(pushOf())).status === 202);
    expect(mostMemory() - before).to.be.lessThan(350 * mebibyte);
  });

  it('nobody without a credential has a body of a job read or unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * mebibyte));
    const post = (headers: Record<string, string>) =>
      server.request('/jobs', {
        method: 'POST',
        headers: { 'Content-Encoding': 'gzip', ...headers },
        body: bomb,
      });
    expect((await post({})).status).to.equal(401);
    const Authorization = `Basic ${Buffer.from('ann:password').toString('base64')}`;
    expect((await post({ Authorization })).status).to.equal(413);
    const login = await server.request('/session', {
      method: 'POST',
      headers: { 'Content-Encoding': 'gzip' },
      body: bomb,
    });
    expect(login.status).to.equal(413);
  });
});
