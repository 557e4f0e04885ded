import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine, type TestEngine } from '../../fixtures/engine.ts';
import { git } from '../../fixtures/repository.ts';

const main = fileURLToPath(new URL('../../../server/main.js', import.meta.url));

interface Ended {
  code: number | null;
  out: string;
  errors: string;
}

describe('docker-builder build', () => {
  let engine: TestEngine;
  let folder: string;

  before(async () => {
    engine = await sharedEngine();
    await importBusybox(engine);
  });
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'cli-build-')), 'site');
  });
  afterEach(() => rm(dirname(folder), { recursive: true }));

  async function build(files: Record<string, string>, ...args: string[]): Promise<Ended> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const env = { PATH: process.env['PATH'], DOCKER_HOST: engine.host, SECRET: 'hush-0815' };
    const child = spawn(main, ['build', ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, errors };
  }

  it('builds the Dockerfile of a folder, without a server and without leaving anything in the folder', async () => {
    const { code, out, errors } = await build({ Dockerfile: 'FROM busybox\nRUN echo built by hand\n' });
    expect({ code, errors }).to.deep.equal({ code: 0, errors: '' });
    expect(out).to.contain('built by hand');
    expect(out).to.match(/^built sha256:[0-9a-f]{64} site:latest$/m);
  });

  it('builds what a Bobfile says, with the secrets of settings.json', async () => {
    const files = {
      'Bobfile.ci': '[[container]]\nname = "one"\ntags = ["a"]\nsecrets = { s = "secret:s" }\n',
      Dockerfile: 'FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s\n',
      'data/settings.json': JSON.stringify({
        secrets: [{ name: 's', value: 'env:SECRET', projects: ['acme'] }],
      }),
    };
    const stranger = await build(files, 'Bobfile.ci');
    expect(stranger).to.include({ code: 1 });
    expect(stranger.errors).to.contain('secret_refused');
    const { code, out, errors } = await build(files, 'Bobfile.ci', '--project', 'acme');
    expect(code, errors).to.equal(0);
    expect(out).to.match(/^built sha256:\S+ one:a$/m);
    expect(out + errors)
      .to.contain('********')
      .and.not.contain('hush-0815');
  });

  it('tags by what git says of the folder, and tells of changes', async () => {
    const bobfile = '[[container]]\nname = "g"\ntags = ["{{ branch }}", "{{ sha }}", "git:short"]\n';
    const files = { Dockerfile: 'FROM busybox\n', Bobfile: bobfile };
    await mkdir(join(folder, '.git'), { recursive: true });
    await git(join(folder, '.git'), ['init', '--quiet', '--initial-branch=topic', folder]);
    const tree = ['--work-tree', folder];
    await writeFile(join(folder, 'Dockerfile'), 'FROM busybox\n');
    await git(join(folder, '.git'), [...tree, 'add', ':/']);
    await git(join(folder, '.git'), [...tree, 'commit', '--quiet', '-m', 'first']);
    const commit = await git(join(folder, '.git'), ['rev-parse', 'HEAD']);
    const { code, out, errors } = await build(files);
    expect(code, errors).to.equal(0);
    expect(out).to.contain(`g:topic g:${commit} g:${commit.slice(0, 7)}`);
    expect(errors).to.contain('has changes that are not in its commit');
  });

  it('exits with 1 for a failed build, with 2 for what was not understood', async () => {
    const failed = await build({ Dockerfile: 'FROM busybox\nRUN exit 3\n' });
    expect(failed).to.include({ code: 1 });
    expect(failed.errors).to.contain('build_step_failed');
    for (const args of [['nowhere'], ['--what'], ['.', 'more']])
      expect(await build({}, ...args)).to.include({ code: 2 });
    expect((await build({}, '--help')).out).to.contain('--skip-push');
  });
});
