import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { allCommandLines, allFiles, processesWith } from '../builder/source/workshop.ts';
import { type GitRequest, type GitServer, startGitServer } from '../fixtures/gitServer.ts';
import { buildJob, postJob, tailOf, untilStatus } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { waitFor } from '../fixtures/waitFor.ts';
import { openWorld, type World } from '../fixtures/world.ts';
import { type GitWitness, openGitWitness } from './gitWitness.ts';

const basicOf = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Field.md row 4: a credential goes to the git server that it is for, and nowhere else. */
describe('attack: getting at a credential of git', () => {
  const token = 'request-token-77aa01';
  const envToken = 'environment-token-5b9c';
  const otherPassword = 'settings-password-c3d9';
  const secrets = [token, envToken, otherPassword].flatMap((secret) => [
    secret,
    Buffer.from(`x-access-token:${secret}`).toString('base64'),
    Buffer.from(`robot:${secret}`).toString('base64'),
  ]);
  let world: World;
  let other: GitServer;
  let witness: GitWitness;
  let folder: string;
  let isStalling = false;

  before(async () => {
    witness = await openGitWitness();
    folder = await mkdtemp(join(tmpdir(), 'credentials-'));
    other = await startGitServer();
    world = await openWorld({
      git: {
        stalls: ({ method }) => isStalling && method === 'POST',
        redirects: ({ path }) => (path.startsWith('/acme/moved.git') ? other.url + path : undefined),
      },
      env: { ...witness.env, DOCKER_BUILDER_APITOKEN: envToken, OTHER_PASSWORD: otherPassword },
    });
    const settings = {
      sources: {
        allowed: [{ scheme: 'http', host: `127.0.0.1:${other.port}` }],
        templates: [{ account: 'elsewhere', url: `${other.url}/{account}/{repo}.git` }],
        credentials: [{ host: `127.0.0.1:${other.port}`, username: 'robot', password: 'env:OTHER_PASSWORD' }],
      },
    };
    await writeFile(join(world.server.data, 'settings.json'), JSON.stringify(settings));
    await waitFor('the settings', () => /changed settings are in use/.test(world.server.output()));
    const Dockerfile =
      'FROM busybox\nCOPY . /src\nRUN env > /env; cat /proc/*/environ /proc/*/cmdline > /processes\n';
    await createRepository(world.git, 'acme/app', { Dockerfile });
    await createRepository(world.git, 'acme/slow', { Dockerfile });
    await createRepository(other, 'elsewhere/app', { Dockerfile });
    await createRepository(other, 'acme/moved', { Dockerfile });
  });
  after(async () => {
    await world.close();
    await other.close();
    await witness.close();
    await rm(folder, { recursive: true, force: true });
  });

  const authorizations = (requests: readonly GitRequest[]) => [
    ...new Set(requests.flatMap(({ authorization }) => authorization ?? [])),
  ];

  it('each server is sent its own only', async () => {
    const build = (account: string, more: object = {}) =>
      buildJob(world.server, { account, repo: 'app', ref: 'main', ...more });
    expect((await build('acme')).status).to.equal('completed');
    expect((await build('elsewhere')).status).to.equal('completed');
    expect(authorizations(world.git.requests)).to.deep.equal([basicOf('x-access-token', envToken)]);
    expect(authorizations(other.requests)).to.deep.equal([basicOf('robot', otherPassword)]);
    world.git.requests.length = 0;
    other.requests.length = 0;
    await build('acme', { api_token: token });
    expect(authorizations(world.git.requests)).to.deep.equal([basicOf('x-access-token', token)]);
    expect(other.requests).to.deep.equal([]);
  });

  it('a redirect to another server, even an allowed one, is not followed', async () => {
    other.requests.length = 0;
    const job = await buildJob(world.server, {
      account: 'acme',
      repo: 'moved',
      ref: 'main',
      api_token: token,
    });
    expect(job).to.include({ status: 'errored', reason: 'source_refused' });
    expect(other.requests).to.deep.equal([]);
  });

  it('nothing of one is in the image, in the environment of its build or in its history', async () => {
    const job = await buildJob(world.server, { account: 'acme', repo: 'app', ref: 'main', api_token: token });
    const image = job.image?.id ?? '';
    const file = join(folder, 'image.tar');
    await world.engine.docker('save', '--output', file, image);
    const saved = await readFile(file, 'latin1');
    expect(saved).to.contain('PATH=');
    const said = saved + JSON.stringify(job) + (await tailOf(world.server, job.id));
    for (const secret of secrets) expect(said.includes(secret), secret).to.equal(false);
    expect(saved).not.to.match(/src\/\.git\//);
  });

  it('none is in the arguments of a process or on disk while git is at work', async () => {
    isStalling = true;
    const { id } = await postJob(world.server, {
      account: 'acme',
      repo: 'slow',
      ref: 'main',
      api_token: token,
    });
    const mine = () => processesWith(join(world.server.data, 'sources'));
    await waitFor('the fetch', () => mine().some((line) => line.includes('remote-http')));
    const lines = allCommandLines();
    const disk = await allFiles(world.server.data);
    expect(lines).to.contain('acme/slow.git');
    expect(disk).to.contain(id);
    for (const secret of secrets) expect((lines + disk).includes(secret), secret).to.equal(false);
    await world.server.request(`/jobs/${id}`, { method: 'DELETE' });
    await untilStatus(world.server, id, ['canceled']);
    expect(mine()).to.deep.equal([]);
    isStalling = false;
  });

  it('none was ever an argument of git, and only one at a time was in its environment', async () => {
    const calls = await witness.calls();
    expect(calls.some(({ environment }) => environment.includes('extraHeader'))).to.equal(true);
    for (const call of calls) {
      const given = call.arguments.join(' ');
      for (const secret of secrets) expect(given.includes(secret), secret).to.equal(false);
      expect(secrets.filter((secret) => call.environment.includes(secret)).length).to.be.at.most(1);
      expect(call.environment).not.to.contain('OTHER_PASSWORD').and.not.to.contain('DOCKER_BUILDER_');
    }
  });

  it('none is in any answer or in the log of the server', async () => {
    const said = [await (await world.server.request('/jobs?limit=all')).text(), world.server.output()].join(
      '\n',
    );
    for (const secret of secrets) expect(said.includes(secret), secret).to.equal(false);
  });
});
