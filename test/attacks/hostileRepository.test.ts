import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type GitServer, startGitServer } from '../fixtures/gitServer.ts';
import { buildJob, tailOf } from '../fixtures/jobs.ts';
import { createRepository, git } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

/** Field.md row 2: a repository is data, whatever of git's own files it brings along. */
describe('attack: a repository that gives orders to git', () => {
  let world: World;
  let elsewhere: GitServer;
  /** Of the machine, not of any image. */
  let folder: string;
  let marker: string;

  before(async () => {
    world = await openWorld();
    elsewhere = await startGitServer();
    folder = await mkdtemp(join(tmpdir(), 'outside-'));
    marker = join(folder, 'marker');
    await writeFile(join(folder, 'secret'), 'the secret of the machine');
  });
  after(async () => {
    await elsewhere.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(existsSync(marker)).to.equal(false);
    expect(elsewhere.requests).to.deep.equal([]);
  });

  const build = (repo: string) => buildJob(world.server, { account: 'acme', repo, ref: 'main' });

  it('is built as it is: no hook, filter, config or submodule of it comes alive', async () => {
    const evil = `#!/bin/sh\ntouch ${marker}\n`;
    const filter = `[filter "evil"]\n\tsmudge = touch ${marker}\n\tclean = touch ${marker}\n\trequired = true\n`;
    const config = `[core]\n\thooksPath = hooks\n\tfsmonitor = touch ${marker}\n\tsshCommand = touch ${marker}\n${filter}`;
    const modules = [
      `[submodule "a"]\n\tpath = a\n\turl = ext::sh -c touch% ${marker}\n`,
      `[submodule "b"]\n\tpath = b\n\turl = file://${world.git.folder}/acme/orders.git\n`,
      `[submodule "c"]\n\tpath = c\n\turl = ../../../../etc\n\tupdate = none\n`,
      `[submodule "d"]\n\tpath = d\n\turl = ${elsewhere.url}/acme/d.git\n`,
    ];
    const files = {
      '.gitmodules': modules.join(''),
      '.gitconfig': config,
      config,
      '.lfsconfig': `[lfs]\n\turl = ${elsewhere.url}/lfs\n`,
      '.gitattributes':
        '* filter=evil diff=evil merge=evil export-subst\nhidden export-ignore\n*.bin filter=lfs\n',
      'file.txt': '$Format:%H$',
      hidden: 'not hidden',
      'big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:' + 'a'.repeat(64) + '\nsize 10\n',
      'hooks/post-checkout': { text: evil, mode: '755' as const },
      'hooks/post-merge': { text: evil, mode: '755' as const },
      'hooks/pre-auto-gc': { text: evil, mode: '755' as const },
      HEAD: 'ref: refs/heads/evil\n',
      a: { submodule: '1'.repeat(40) },
      d: { submodule: '2'.repeat(40) },
      Dockerfile: `FROM busybox\nCOPY . /src\nRUN cd /src && cat file.txt hidden && head -n1 big.bin && find . | sort\n`,
    };
    await createRepository(world.git, 'acme/orders', files);
    const job = await build('orders');
    expect(job.status, job.error).to.equal('completed');
    const log = await tailOf(world.server, job.id);
    for (const line of ['$Format:%H$', 'not hidden', 'version https://git-lfs', './hooks/post-checkout'])
      expect(log).to.contain(line);
    expect(log).not.to.match(/^\.\/\.git$/m);
  });

  it('cannot reach the machine through its links', async () => {
    const links = {
      absolute: { link: join(folder, 'secret') },
      relative: { link: '../'.repeat(20) + join(folder, 'secret').slice(1) },
      root: { link: '/' },
      above: { link: '../..' },
      itself: { link: 'itself' },
    };
    const reads = ['absolute', 'relative', `root${folder}/secret`, `above${folder}/secret`].map(
      (path) => `cat /src/${path}`,
    );
    const Dockerfile = `FROM busybox\nCOPY . /src\nRUN ls -l /src; ${reads.join('; ')}; true\n`;
    await createRepository(world.git, 'acme/links', { ...links, Dockerfile });
    const job = await build('links');
    expect(job.status, job.error).to.equal('completed');
    const log = await tailOf(world.server, job.id);
    expect(log).to.contain('absolute -> ').and.contain('No such file');
    expect(log).not.to.contain('the secret of the machine');

    // The engine follows a link in a COPY inside the context only.
    const copies = ['absolute', 'relative', `root${folder}/secret`, '../../../../etc/hostname'];
    await Promise.all(
      copies.map(async (path, index) => {
        const stolen = `FROM busybox\nCOPY ${path} /stolen\nRUN cat /stolen\n`;
        await createRepository(world.git, `acme/copies${index}`, { ...links, Dockerfile: stolen });
        const { id, status } = await build(`copies${index}`);
        expect(status, path).to.equal('errored');
        expect(await tailOf(world.server, id), path).not.to.contain('the secret of the machine');
      }),
    );
  });

  /** Objects that fast-import would refuse to make. */
  async function forgedTree(repo: string, name: string, mode: '040000' | '120000' | '100644'): Promise<void> {
    const { folder: at } = await createRepository(world.git, `acme/${repo}`, {
      Dockerfile: 'FROM busybox\nCOPY . /src\n',
    });
    const text = mode === '120000' ? join(folder, 'secret') : `[core]\n\tfsmonitor = touch ${marker}\n`;
    const blob = await git(at, ['hash-object', '-w', '--stdin'], Buffer.from(text));
    const config = `100644 blob ${blob}\tconfig\n`;
    const object = mode === '040000' ? await git(at, ['mktree'], Buffer.from(config)) : blob;
    const entry = `${mode} ${mode === '040000' ? 'tree' : 'blob'} ${object}\t${name}\n`;
    const before = await git(at, ['ls-tree', 'main']);
    const tree = await git(at, ['mktree'], Buffer.from(`${before}\n${entry}`));
    const commit = await git(at, ['commit-tree', tree, '-m', 'forged']);
    await git(at, ['update-ref', 'refs/heads/main', commit]);
  }

  const forged: [string, '040000' | '120000' | '100644'][] = [
    ['.git', '040000'],
    ['.GIT', '040000'],
    ['git~1', '040000'],
    ['.g\u200cit', '040000'],
    ['..', '040000'],
    ['.', '040000'],
    ['.gitmodules', '120000'],
  ];
  for (const [index, [name, mode]] of forged.entries())
    it(`with ${JSON.stringify(name)} as a ${mode === '120000' ? 'link' : 'folder'} in it is refused`, async () => {
      await forgedTree(`forged${index}`, name, mode);
      const job = await build(`forged${index}`);
      expect(job).to.include({ status: 'errored', reason: 'source_invalid' });
      expect(await tailOf(world.server, job.id)).not.to.contain('the secret of the machine');
    });

  it('leaves nothing beside the mirrors', async () => {
    const sources = join(world.server.data, 'sources');
    const left = (await readdir(sources, { recursive: true })).filter((path) => !path.startsWith('mirrors'));
    expect(left.filter((path) => !['home', 'checkouts'].includes(path))).to.deep.equal([]);
  });
});
