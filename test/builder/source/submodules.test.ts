import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepository, type Repository } from '../../fixtures/repository.ts';
import { type GitServer, startGitServer } from '../../fixtures/gitServer.ts';
import { allFiles, faultOf, openWorkshop, unpackTree, type Workshop } from './workshop.ts';

describe('submodules', () => {
  let shop: Workshop;
  let elsewhere: GitServer;
  let deep: Repository;
  let library: Repository;

  before(async () => {
    shop = await openWorkshop({ users: { bot: 'open-sesame' } });
    elsewhere = await startGitServer();
    deep = await createRepository(shop.server, 'acme/deep', { 'deep.txt': 'deep' });
    library = await createRepository(shop.server, 'acme/library', {
      'library.txt': 'library',
      'run.sh': { text: '', mode: '755' },
      '.gitmodules': modules({ 'vendor/deep': '../deep.git' }),
      'vendor/deep': { submodule: deep.commit },
    });
  });
  after(async () => {
    await shop.close();
    await elsewhere.close();
  });

  const credential = { username: 'bot', password: 'open-sesame' };

  async function withSubmodule(name: string, url: string, commit: string, path = 'lib'): Promise<Repository> {
    return createRepository(shop.server, name, {
      'top.txt': 'top',
      '.gitmodules': modules({ [path]: url }),
      [path]: { submodule: commit },
    });
  }

  it('are fetched level by level, and nothing of git is in the tree', async () => {
    const { url, commit } = await withSubmodule('acme/top', './../library.git', library.commit);
    const tree = await shop.open({ url, submodules: true, credential });
    const files = await unpackTree(tree);
    expect(tree.commit).to.equal(commit);
    expect(tree.refName).to.equal('main');
    const names = [...files].filter(([, { type }]) => type === 'file').map(([name]) => name);
    expect(names.toSorted()).to.deep.equal([
      '.gitmodules',
      'lib/.gitmodules',
      'lib/library.txt',
      'lib/run.sh',
      'lib/vendor/deep/deep.txt',
      'top.txt',
    ]);
    expect(files.get('lib/run.sh')).to.include({ mode: 0o755, uid: 0 });
    expect(files.get('top.txt')).to.include({ mode: 0o644, text: 'top' });
    expect(await tree.entry('lib/vendor')).to.include({ kind: 'folder' });
    expect(await allFiles(shop.folder)).to.not.contain('open-sesame');
    expect(await readdir(join(shop.folder, 'checkouts'))).to.deep.equal(['attempt-1']);
    await tree.close();
    expect(await readdir(join(shop.folder, 'checkouts'))).to.deep.equal([]);
  });

  it('are left out where nobody asks for them', async () => {
    const { url } = await withSubmodule('acme/unasked', './../library.git', library.commit);
    const tree = await shop.open({ url, credential });
    expect(await tree.entry('lib')).to.include({ kind: 'submodule' });
    expect([...(await unpackTree(tree)).keys()]).to.not.include('lib/library.txt');
  });

  const refused: Record<string, () => string> = {
    'of another server': () => `${elsewhere.url}/acme/library.git`,
    'of the local disk': () => library.folder,
    'as a file address': () => `file://${library.folder}`,
    'of a remote helper': () => 'ext::sh -c touch% /tmp/never',
    'with a credential in its address': () => library.url.replace('//', '//bot:open-sesame@'),
    'above the server': () => '../../../etc',
  };
  for (const [what, url] of Object.entries(refused)) {
    it(`${what} are refused`, async () => {
      const top = await withSubmodule(`acme/refused-${what.replaceAll(' ', '-')}`, url(), library.commit);
      const fault = await faultOf(shop.open({ url: top.url, submodules: true, credential }));
      expect(fault.reason, fault.message).to.equal('source_refused');
      expect(elsewhere.requests).to.deep.equal([]);
      expect(await readdir(join(shop.folder, 'checkouts'))).to.deep.equal([]);
    });
  }

  it('with an option for an address are refused by fsck already', async () => {
    const top = await withSubmodule('acme/option', '--upload-pack=touch /tmp/never', library.commit);
    expect((await faultOf(shop.open({ url: top.url, submodules: true, credential }))).reason).to.equal(
      'source_invalid',
    );
  });

  it('of another server get no credential', async () => {
    await using open = await openWorkshop(
      { users: { bot: 'open-sesame' } },
      {
        allowed: () =>
          [open.server, elsewhere].map(({ port }) => ({ scheme: 'http', host: `127.0.0.1:${port}` })),
      },
    );
    const other = await createRepository(elsewhere, 'acme/other', { 'other.txt': 'other' });
    const top = await createRepository(open.server, 'acme/top', {
      '.gitmodules': modules({ lib: other.url }),
      lib: { submodule: other.commit },
    });
    const tree = await open.open({ url: top.url, submodules: true, credential });
    expect((await unpackTree(tree)).get('lib/other.txt')?.text).to.equal('other');
    expect(elsewhere.requests.some(({ authorization }) => authorization !== undefined)).to.equal(false);
  });

  it('with a commit that is not there are an unknown ref', async () => {
    const { url } = await withSubmodule('acme/missing', './../library.git', '1'.repeat(40));
    expect((await faultOf(shop.open({ url, submodules: true, credential }))).reason).to.equal(
      'ref_not_found',
    );
  });

  it('cannot be led out of the checkout by a link', async () => {
    const top = await createRepository(shop.server, 'acme/link', {
      '.gitmodules': modules({ 'out/lib': './../library.git' }),
      out: { link: '/tmp' },
    });
    const tree = await shop.open({ url: top.url, submodules: true, credential });
    expect(await tree.entry('out')).to.include({ kind: 'link' });
  });
});

describe('LFS objects', () => {
  let shop: Workshop;
  before(async () => {
    shop = await openWorkshop();
  });
  after(() => shop.close());

  it('need git-lfs on the server', async function () {
    if (spawnSync('git', ['lfs', 'version']).status === 0) this.skip();
    const { url } = await createRepository(shop.server, 'acme/lfs', { a: '1' });
    const fault = await faultOf(shop.open({ url, lfs: true }));
    expect(fault.reason).to.equal('source_invalid');
    expect(fault.message).to.contain('git-lfs is not installed');
    expect(await readdir(join(shop.folder, 'checkouts'))).to.deep.equal([]);
  });
});

function modules(urls: Record<string, string>): string {
  const entries = Object.entries(urls);
  return entries.map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = "${url}"\n`).join('');
}
