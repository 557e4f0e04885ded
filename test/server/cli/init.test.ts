import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseBobfile } from '../../../builder/model/bobfile/parse.ts';
import { command, git } from './command.ts';

describe('docker-builder init', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbs-init-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('needs a Dockerfile', async () => {
    await mkdir(join(folder, 'Dockerfile'));
    const { code, out, err } = await command(folder, ['init']);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.match(/there is no Dockerfile/);
    expect(await readdir(folder)).to.deep.equal(['Dockerfile']);
  });

  it('takes the account of the remote, and never overwrites', async () => {
    const app = join(folder, 'My App');
    await mkdir(app);
    await writeFile(join(app, 'Dockerfile'), 'FROM scratch\n');
    await git(app, 'init', '--quiet');
    await git(app, 'remote', 'add', 'origin', 'git@github.com:Acme/whatever.git');
    expect(await command(folder, ['init', 'My App'])).to.deep.equal({
      code: 0,
      out: 'wrote My App/Bobfile: see that registry and project are right\n',
      err: '',
    });
    const text = await readFile(join(app, 'Bobfile'), 'utf8');
    expect(parseBobfile(text, '').images).to.have.length(1);
    expect(parseBobfile(text, '').images[0]).to.deep.include({
      name: 'my-app',
      dockerfile: 'Dockerfile',
      repository: 'acme/my-app',
      tags: ['latest', '{{ branch }}', '{{ sha }}', '{{ tag }}'],
      push: true,
    });
    await writeFile(join(app, 'Bobfile'), 'mine');
    const again = await command(app, ['init']);
    expect(again.out).to.match(/^wrote Bobfile\.\d{10}: /);
    expect(await readFile(join(app, 'Bobfile'), 'utf8')).to.equal('mine');
    const second = (await readdir(app)).find((name) => /^Bobfile\.\d+$/.test(name)) ?? '';
    expect(await readFile(join(app, second), 'utf8')).to.equal(text);
  });

  it('does without git', async () => {
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
    const { code } = await command(folder, ['init'], { GIT_CEILING_DIRECTORIES: tmpdir() });
    expect(code).to.equal(0);
    const { images } = parseBobfile(await readFile(join(folder, 'Bobfile'), 'utf8'), '');
    expect(images[0]?.repository).to.match(/^my-registry\/dbs-init-/);
    expect(images[0]?.tags).to.deep.equal(['latest']);
  });
});
