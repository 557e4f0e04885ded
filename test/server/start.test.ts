import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { freePort } from '../fixtures/freePort.ts';
import { postJob } from '../fixtures/jobs.ts';
import { baseEnv, startServer } from '../fixtures/server.ts';
import { waitFor } from '../fixtures/waitFor.ts';

const main = fileURLToPath(new URL('../../server/main.js', import.meta.url));
const nowhere = { DOCKER_HOST: 'unix:///nowhere.sock' };

async function run(
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number; said: string }> {
  const child = spawn(main, args, {
    env: { ...baseEnv(), ...nowhere, ...env },
    timeout: 30_000,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode ?? -1, said: out + err };
}

describe('the start of the server', () => {
  let data: string;
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'dbs-'));
  });
  afterEach(() => rm(data, { recursive: true, force: true }));

  it('tells every mistake of the environment at once and exits with 2', async () => {
    const { code, said } = await run({
      DOCKER_BUILDER_DATA: data,
      DOCKER_BUILDER_PORT: 'many',
      DOCKER_BUILDER_USERNAME: 'ann',
      DOCKER_BUILDER_GIT_URL: 'file:///{account}/{repo}',
      DOCKER_BUILDER_TOCKEN: 'x',
    });
    expect(code).to.equal(2);
    for (const name of ['PORT', 'PASSWORD', 'GIT_URL', 'TOCKEN'])
      expect(said).to.contain(`DOCKER_BUILDER_${name}`);
    expect(said)
      .to.contain('did you mean DOCKER_BUILDER_TOKEN?')
      .and.not.match(/\n {4}at /);
  });

  it('tells every mistake of settings.json with its place', async () => {
    const settings = { engines: [{ name: 'a b', address: 'ftp://x' }], limits: { attempts: 0 }, nonsense: 1 };
    await writeFile(join(data, 'settings.json'), JSON.stringify(settings));
    const { code, said } = await run({ DOCKER_BUILDER_DATA: data });
    expect(code).to.equal(2);
    for (const place of ['engines[0].name', 'engines[0].address', 'limits.attempts', 'nonsense'])
      expect(said).to.contain(place);
  });

  it('refuses to be reached by others without authentication', async () => {
    const { code, said } = await run({ DOCKER_BUILDER_DATA: data, DOCKER_BUILDER_LISTEN: '0.0.0.0' });
    expect(code).to.equal(2);
    expect(said).to.contain('DOCKER_BUILDER_LISTEN').and.contain('DOCKER_BUILDER_TOKEN');
  });

  it('keeps its compiled code in its data folder when it ends', async () => {
    // As for users: where tests run, all programs may share what one of them compiled.
    const env = { ...nowhere, NODE_COMPILE_CACHE: '' };
    const server = await startServer({ data, env });
    expect(await server.stop('SIGTERM')).to.equal(0);
    const kept = await readdir(join(data, 'cache'), { recursive: true });
    expect(kept.length).to.be.greaterThan(100);
  });

  it('says that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' && address !== null ? address.port : 0);
    const { code, said } = await run({ DOCKER_BUILDER_DATA: data, DOCKER_BUILDER_PORT: port });
    other.close();
    expect(code).to.equal(1);
    expect(said)
      .to.contain(`port ${port}`)
      .and.contain('DOCKER_BUILDER_PORT')
      .and.not.match(/\n {4}at /);
  });

  it('says that the data folder cannot be used', async () => {
    await writeFile(join(data, 'file'), '');
    const { code, said } = await run({ DOCKER_BUILDER_DATA: join(data, 'file') });
    expect(code).to.equal(1);
    expect(said).to.contain(join(data, 'file')).and.contain('DOCKER_BUILDER_DATA');
  });

  it('leaves a data folder to the server that has it', async () => {
    const server = await startServer({ data, env: nowhere });
    try {
      const { code, said } = await run({
        DOCKER_BUILDER_DATA: data,
        DOCKER_BUILDER_PORT: String(await freePort()),
      });
      expect(code).to.equal(1);
      expect(said).to.contain(data);
    } finally {
      await server.close();
    }
  });

  it('knows its version and its usage, and no other words', async () => {
    expect((await run({}, ['--version'])).said).to.match(/^docker-builder \d+\.\d+\.\d+\n$/);
    expect((await run({}, ['--help'])).code).to.equal(0);
    expect(await run({}, ['fly'])).to.include({ code: 2 });
  });

  it('takes up a changed settings.json, and keeps the last good one', async () => {
    const server = await startServer({ data, env: nowhere });
    try {
      const taken = async (host: string) => {
        await writeFile(join(data, 'settings.json'), JSON.stringify(settingsWith(host)));
        await waitFor('the settings to be taken', () => /changed settings are in use/.test(server.output()));
      };
      const order = { account: 'acme', repo: 'app', ref: 'main' };
      await taken('git.example');
      await postJob(server, order);
      await writeFile(join(data, 'settings.json'), '{ "limits": ');
      await waitFor('the refusal', () => /last good settings stay/.test(server.output()));
      await postJob(server, order);
      expect(await readFile(join(data, 'settings.json'), 'utf8')).to.equal('{ "limits": ');
    } finally {
      await server.close();
    }
  });
});

function settingsWith(host: string): object {
  return { sources: { templates: [{ account: 'acme', url: `https://${host}/{repo}.git` }] } };
}
