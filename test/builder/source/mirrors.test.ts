import { expect } from 'chai';
import { chmod, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepository, git, type Repository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { countFetches, countPacks, faultOf, openWorkshop, unpackTree, type Workshop } from './workshop.ts';

let shop: Workshop;
let repository: Repository;

async function textOf(ref: string, depth?: number): Promise<string | undefined> {
  const tree = await shop.open({ url: repository.url, ref, ...(depth === undefined ? {} : { depth }) });
  return (await unpackTree(tree)).get('a.txt')?.text;
}

describe('builds of one repository at the same time', () => {
  beforeEach(async () => {
    shop = await openWorkshop({ delayMs: 100 });
    repository = await createRepository(shop.server, 'acme/app', { 'a.txt': 'one' });
  });
  afterEach(() => shop.close());

  it('share one fetch', async () => {
    const texts = await Promise.all(Array.from({ length: 8 }, () => textOf('main')));
    expect(texts).to.deep.equal(Array.from({ length: 8 }, () => 'one'));
    expect(countFetches(shop.server)).to.equal(1);
  });

  it('see what was pushed before they asked, though a fetch was under way', async () => {
    const first = textOf('main');
    await waitFor('the first fetch', () => countFetches(shop.server) === 1);
    await repository.update({ 'a.txt': 'two' });
    const later = await Promise.all([textOf('main'), textOf('main'), textOf('main')]);
    expect(later).to.deep.equal(['two', 'two', 'two']);
    await first;
    expect(countFetches(shop.server)).to.equal(2);
  });

  it('go on when one of them is canceled', async () => {
    const cancel = new AbortController();
    const canceled = faultOf(shop.open({ url: repository.url }, { signal: cancel.signal }));
    const other = textOf('main');
    await waitFor('the fetch', () => countFetches(shop.server) === 1);
    cancel.abort();
    expect((await canceled).reason).to.equal('canceled');
    expect(await other).to.equal('one');
    expect(countFetches(shop.server)).to.equal(1);
  });
});

describe('a mirror', () => {
  beforeEach(async () => {
    shop = await openWorkshop();
    repository = await createRepository(shop.server, 'acme/app', { 'a.txt': 'one', 'b/c.txt': 'deep' });
    await textOf('main');
    await shop.restart();
  });
  afterEach(() => shop.close());

  const damages: Record<string, () => Promise<void>> = {
    'an empty folder': async () => {
      const folder = shop.mirror();
      await rm(folder, { recursive: true });
      await mkdir(folder);
    },
    'without its HEAD': () => rm(join(shop.mirror(), 'HEAD')),
    'with a broken config': () => writeFile(join(shop.mirror(), 'config'), '[core'),
    'with a broken ref': () => writeFile(join(shop.mirror(), 'refs/heads/main'), 'rubbish\n'),
    'with a broken list of refs': () => writeFile(join(shop.mirror(), 'packed-refs'), 'rubbish\n'),
    'with a cut packfile': () => eachPack((pack) => truncate(pack, 20)),
    'with an overwritten packfile': () => eachPack((pack) => writeFile(pack, Buffer.alloc(200, 7))),
    'without its objects': () => rm(join(shop.mirror(), 'objects'), { recursive: true }),
    'without its packfiles': () => eachPack((pack) => rm(pack)),
    'killed while it was made': () => rm(join(shop.mirror(), 'info'), { recursive: true }),
  };

  for (const [what, damage] of Object.entries(damages)) {
    it(`${what} is made anew`, async () => {
      await damage();
      expect(await textOf('main')).to.equal('one');
      expect(await textOf('main')).to.equal('one');
      await git(shop.mirror(), ['fsck', '--strict']);
    });
  }

  it('that loses a file while it is in use fails one build, and is good for the next', async () => {
    await textOf('main');
    const tree = await shop.open({ url: repository.url });
    await eachPack((pack) => truncate(pack, 20));
    const fault = await faultOf(unpackTree(tree));
    expect(fault.retryable).to.equal(true);
    expect(await textOf('main')).to.equal('one');
  });

  it('gets rid of the locks and half-written files of a killed git', async () => {
    const before = (await stat(shop.mirror())).ino;
    const left = ['shallow.lock', 'packed-refs.lock', 'refs/heads/main.lock', 'objects/pack/tmp_pack_x'];
    for (const name of left) await writeFile(join(shop.mirror(), name), '');
    await repository.update({ 'a.txt': 'two' });
    expect(await textOf('main')).to.equal('two');
    for (const name of left) expect(await isThere(join(shop.mirror(), name)), name).to.equal(false);
    expect((await stat(shop.mirror())).ino, 'the same mirror').to.equal(before);
  });

  it('that lost a single file in a crash is made anew, though a fetch would not notice', async () => {
    const blob = await git(shop.mirror(), ['rev-parse', 'main:b/c.txt']);
    await eachPack(async (pack) => {
      const bytes = await readFile(pack);
      await rm(pack);
      await rm(pack.replace(/pack$/, 'idx'));
      await git(shop.mirror(), ['unpack-objects', '-q'], bytes);
    });
    await rm(join(shop.mirror(), 'objects', blob.slice(0, 2), blob.slice(2)));
    const tree = await shop.open({ url: repository.url });
    expect((await unpackTree(tree)).get('b/c.txt')?.text).to.equal('deep');
  });

  it('is not thrown away because the git server fails', async () => {
    const before = (await stat(shop.mirror())).ino;
    await rm(repository.folder, { recursive: true });
    expect((await faultOf(shop.open({ url: repository.url }))).reason).to.equal('source_not_found');
    expect((await stat(shop.mirror())).ino).to.equal(before);
  });
});

describe('a depth', () => {
  let third: string;
  beforeEach(async () => {
    shop = await openWorkshop();
    repository = await createRepository(shop.server, 'acme/app', { 'a.txt': 'one' });
    await repository.update({ 'a.txt': 'two' });
    third = await repository.update({ 'a.txt': 'three' });
    await repository.update({ 'a.txt': 'aside' }, { branch: 'side' });
    await repository.tag('v1', { message: 'first' });
  });
  afterEach(() => shop.close());

  it('brings only the newest commits of the one branch', async () => {
    expect(await textOf('main', 1)).to.equal('three');
    expect(await history('main')).to.equal('1');
    expect(await git(shop.mirror(), ['for-each-ref', '--format=%(refname)'])).to.equal('refs/heads/main');
  });

  it('lets later builds go on from there', async () => {
    await textOf('main', 1);
    await repository.update({ 'a.txt': 'four' });
    expect(await textOf('main', 1)).to.equal('four');
    expect(await textOf('side', 1)).to.equal('aside');
    expect(await textOf('v1', 1)).to.equal('one');
  });

  it('of a commit id brings that commit', async () => {
    expect(await textOf(repository.commit, 1)).to.equal('one');
    expect(await textOf(third, 1)).to.equal('three');
    expect(await history(third)).to.equal('1');
  });

  it('gives way to a build that wants everything', async () => {
    await textOf('main', 1);
    expect(await textOf(repository.commit.slice(0, 10))).to.equal('one');
    expect(await history('main')).to.equal('3');
    expect(await textOf('main', 1)).to.equal('three');
    expect(await history('main')).to.equal('3');
  });

  it('finds a short commit id that is outside of it', async () => {
    await textOf('main', 1);
    expect(await textOf(repository.commit.slice(0, 10), 1)).to.equal('one');
  });

  it('does not bring back a branch that is gone', async () => {
    await textOf('side', 1);
    await repository.ref('refs/heads/side', undefined);
    await repository.tag('side');
    expect(await textOf('side', 1)).to.equal('one');
    expect((await faultOf(shop.open({ url: repository.url, ref: 'nope', depth: 1 }))).reason).to.equal(
      'ref_not_found',
    );
  });

  it('of a whole mirror changes nothing', async () => {
    await textOf('main');
    const before = countPacks(shop.server);
    expect(await textOf('main', 1)).to.equal('three');
    expect(await history('main')).to.equal('3');
    expect(countPacks(shop.server)).to.equal(before + 1);
  });
});

/** How many commits a ref has. */
function history(ref: string): Promise<string> {
  return git(shop.mirror(), ['rev-list', '--count', ref]);
}

async function eachPack(damage: (pack: string) => Promise<void>): Promise<void> {
  const folder = join(shop.mirror(), 'objects/pack');
  const packs = (await readdir(folder)).filter((name) => name.endsWith('.pack'));
  expect(packs).to.not.be.empty;
  for (const pack of packs) {
    await chmod(join(folder, pack), 0o644);
    await damage(join(folder, pack));
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
