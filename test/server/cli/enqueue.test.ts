import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startServer, type TestServer } from '../../fixtures/server.ts';
import { command, type Ended, git } from './command.ts';

const token = 'an-administrator-of-the-tests';

describe('docker-builder enqueue', () => {
  let server: TestServer;
  let folder: string;
  before(async () => {
    server = await startServer({
      env: {
        DOCKER_BUILDER_TOKEN: token,
        DOCKER_BUILDER_USERNAME: 'ci',
        DOCKER_BUILDER_PASSWORD: 'p@ss',
        DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:1/{account}/{repo}.git',
      },
    });
  });
  after(() => server.close());

  /** A clone whose branch `topic` is as its remote has it. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbs-enqueue-'));
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'sub', 'Bobfile.ci'), '[[container]]\n');
    await git(folder, 'init', '--quiet', '--initial-branch=topic');
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '--message=one');
    await git(folder, 'remote', 'add', 'origin', 'https://git.example/group/acme/app.git');
    await git(folder, 'update-ref', 'refs/remotes/origin/topic', 'HEAD');
    await git(folder, 'branch', '--quiet', '--set-upstream-to=origin/topic');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function enqueue(...args: string[]): Promise<Ended> {
    return command(folder, ['enqueue', '--host', server.url, ...args], { DOCKER_BUILDER_TOKEN: token });
  }

  it('asks the server for the branch, and prints the job', async () => {
    const { code, out, err } = await enqueue('sub/Bobfile.ci');
    expect({ code, err }, err).to.deep.equal({ code: 0, err: '' });
    const job = JSON.parse(out) as Record<string, unknown>;
    expect(job).to.include({ account: 'group/acme', repo: 'app', ref: 'topic', bobfile: 'sub/Bobfile.ci' });
    const jobs = await server.request('/jobs', { headers: { Authorization: `Bearer ${token}` } });
    expect(await jobs.json()).to.have.property(String(job['id']));
  });

  it('takes the host of the environment, with user and password in it', async () => {
    const host = server.url.replace('://', '://ci:p%40ss@');
    const { code, out } = await command(folder, ['enqueue'], { DOCKER_BUILDER_HOST: host });
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.include({ repo: 'app' });
  });

  it('ends with 1 where the server refuses or does not answer', async () => {
    const refused = await command(folder, ['enqueue', '--host', server.url], {
      DOCKER_BUILDER_TOKEN: 'wrong',
    });
    expect(refused).to.include({ code: 1, out: '' });
    expect(refused.err)
      .to.match(/answered 401: /)
      .and.not.contain('wrong');
    const gone = await command(folder, ['enqueue', '--host', '127.0.0.1:1']);
    expect(gone).to.include({ code: 1, out: '' });
    expect(gone.err).to.match(/does not answer/);
  });

  it('refuses what the server would not see', async () => {
    await writeFile(join(folder, 'sub', 'Bobfile.ci'), '[[container]]\nname = "a"\n');
    const dirty = await enqueue();
    expect(dirty).to.include({ code: 1, out: '' });
    expect(dirty.err).to.match(/not committed/);
    await git(folder, 'commit', '--quiet', '--all', '--message=two');
    const ahead = await enqueue();
    expect(ahead).to.include({ code: 0 });
    expect(ahead.err).to.match(/1 commits ahead of its remote/);
    await git(folder, 'update-ref', 'refs/remotes/origin/topic', 'HEAD');
    await git(folder, 'reset', '--quiet', '--hard', 'HEAD~1');
    expect((await enqueue()).err).to.match(/1 commits behind/);
    await git(folder, 'commit', '--quiet', '--allow-empty', '--message=three');
    const diverged = await enqueue();
    expect(diverged).to.include({ code: 1, out: '' });
    expect(diverged.err).to.match(/have diverged/);
  });

  it('says what is missing', async () => {
    const missing: [args: string[], said: RegExp][] = [
      [['Bobfile.no'], /there is no file Bobfile\.no/],
      [['/etc/hostname'], /is not in the repository/],
    ];
    for (const [args, said] of missing) {
      const { code, err } = await enqueue(...args);
      expect(code).to.equal(1);
      expect(err).to.match(said);
    }
    await git(folder, 'remote', 'remove', 'origin');
    expect((await enqueue()).err).to.match(/names no account/);
    await git(folder, 'checkout', '--quiet', '--detach');
    expect((await enqueue()).err).to.match(/no branch is checked out/);
    await rm(join(folder, '.git'), { recursive: true });
    expect((await enqueue()).err).to.match(/in no git repository/);
  });
});
