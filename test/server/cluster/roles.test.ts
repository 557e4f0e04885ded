import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startMember } from '../../fixtures/cluster/member.ts';
import { postJob } from '../../fixtures/jobs.ts';
import { emptyDatabase, type TestDatabase } from '../../fixtures/postgres.ts';
import { baseEnv, startServer, type TestServer } from '../../fixtures/server.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

const main = fileURLToPath(new URL('../../../server/main.js', import.meta.url));
const site = { account: 'acme', repo: 'site', ref: 'main' };

interface Shown {
  name: string;
  role: string;
  state: string;
  engines: { name: string; state: string }[];
}

describe('a server and a worker without an engine that answers', () => {
  let database: TestDatabase;
  let env: Record<string, string>;
  let server: TestServer;
  let worker: TestServer;
  before(async () => {
    database = await emptyDatabase();
    env = {
      DOCKER_BUILDER_DATABASE: database.url,
      DOCKER_BUILDER_SECRETKEY: '1'.repeat(64),
      DOCKER_BUILDER_GRACE: '0',
      DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
      DOCKER_HOST: 'unix:///nowhere.sock',
    };
    // It has neither an engine nor git.
    const bare = { PATH: '/nowhere', DOCKER_HOST: 'nonsense', DOCKER_BUILDER_DRAIN: '1' };
    const asServer = { DOCKER_BUILDER_ROLE: 'server', DOCKER_BUILDER_NAME: 'front' };
    server = await startServer({ enter: [process.execPath], env: { ...env, ...bare, ...asServer } });
    worker = await startMember({ name: 'back', role: 'worker', env, alive: '/livez' });
  });
  after(async () => {
    await worker?.close();
    await server?.close();
    await database?.drop();
  });

  const workers = async () => (await (await server.request('/workers')).json()) as Shown[];

  it('are ready when they are of use: a server without engines, a worker not', async () => {
    expect((await server.request('/readyz')).status).to.equal(200);
    const refused = await worker.request('/readyz');
    expect(refused.status).to.equal(503);
    expect(await refused.text()).to.contain('back: ');
    for (const path of ['/health', '/livez']) expect((await worker.request(path)).status).to.equal(200);
  });

  it('send who asks a worker to a server', async () => {
    for (const [path, init] of [
      ['/jobs', {}],
      ['/', {}],
      ['/docker-build', { method: 'POST', body: JSON.stringify(site) }],
      ['/v1/jobs', { method: 'POST', body: '{' }],
    ] as const) {
      const answer = await worker.request(path, init);
      expect(answer.status).to.equal(404);
      expect(((await answer.json()) as { error: string }).error).to.match(
        /this is a worker, .* ask a server of the same database$/,
      );
    }
  });

  it('are both shown, and what is asked for waits for an engine', async () => {
    const [back, front] = await waitFor('the worker to tell of its engine', async () => {
      const all = await workers();
      return all[0]?.engines[0]?.state === 'unreachable' ? all : undefined;
    });
    expect(front).to.deep.include({ name: 'front', role: 'server', state: 'ok', engines: [], idle: true });
    expect(back).to.include({ name: 'back', role: 'worker', state: 'ok', idle: true });
    expect(back?.engines.map(({ name }) => name)).to.deep.equal(['back']);
    const { id } = await postJob(server, site);
    expect(await (await server.request(`/jobs/${id}`)).json()).to.include({ status: 'created' });
    const { components } = (await (await server.request('/health/ready')).json()) as { components: object[] };
    expect(components).to.deep.include({ name: 'engine back', status: 'down' });
  });

  it('are refused another key than the first one, and a name that is taken', async () => {
    const data = await mkdtemp(join(tmpdir(), 'dbs-'));
    const start = async (more: Record<string, string>) => {
      const child = spawn(main, ['serve', '--role', 'worker', '--name', 'back'], {
        env: { ...baseEnv(), ...env, DOCKER_BUILDER_DATA: data, DOCKER_BUILDER_PORT: '0', ...more },
        timeout: 20_000,
      });
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
      return { code: child.exitCode, said: out + err };
    };
    const other = await start({ DOCKER_BUILDER_SECRETKEY: '2'.repeat(64) });
    expect(other.said).to.contain('sealed with another key').and.contain('DOCKER_BUILDER_SECRETKEY');
    expect(other.said).to.not.match(/\n {4}at /);
    const same = await start({});
    expect(same.said).to.contain('another docker-builder on this database is called back');
    expect([other.code, same.code]).to.deep.equal([1, 1]);
    await rm(data, { recursive: true });
  });

  it('leave the list when they are stopped; one that is killed is back at once under its name', async () => {
    await worker.stop('SIGTERM');
    expect(await waitFor('it to be gone', async () => (await workers()).length === 1)).to.equal(true);
    await worker.start();
    await worker.restart();
    const back = async () => (await workers()).filter(({ name }) => name === 'back');
    expect(await waitFor('it to be there', async () => (await back()).length === 1)).to.equal(true);
    expect((await back()).map(({ state }) => state)).to.deep.equal(['ok']);
  });

  it('end when another one took their name while nobody heard of them', async () => {
    const alone = { ...env, DOCKER_BUILDER_DRAIN: '0' };
    const twin = { name: 'twice', role: 'worker', env: alone, alive: '/livez' } as const;
    const first = await startMember(twin);
    try {
      const exit = once(first.process, 'exit');
      first.process.kill('SIGSTOP');
      await database.script("UPDATE members SET seen_at = seen_at - 6001 WHERE name = 'twice'");
      const second = await startMember(twin);
      try {
        first.process.kill('SIGCONT');
        expect((await exit)[0]).to.equal(1);
        const sentence = `another one is called twice by now (process ${second.process.pid} on `;
        expect(first.output()).to.contain(sentence);
        expect((await workers()).filter(({ name }) => name === 'twice')).to.have.length(1);
        expect(await second.stop('SIGTERM')).to.equal(0);
      } finally {
        await second.close();
      }
    } finally {
      await first.close();
    }
  });

  it('say that they are not ready before a stop, and take what still comes', async () => {
    const stopped = server.stop('SIGTERM');
    await waitFor('it to be not ready', async () => (await server.request('/readyz')).status === 503);
    const { id } = await postJob(server, site);
    expect(await stopped).to.equal(0);
    await server.start();
    expect((await server.request(`/jobs/${id}`)).status).to.equal(200);
  });
});
