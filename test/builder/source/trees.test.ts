import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BuildFault } from '../../../builder/model/faults.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { faultOf, openWorkshop, processesWith, unpackTree, type Workshop } from './workshop.ts';

const never = new AbortController().signal;

describe('the tree of a commit', () => {
  let shop: Workshop;
  before(async () => {
    shop = await openWorkshop();
  });
  after(() => shop.close());

  it('is packed whole, whatever its .gitattributes say', async () => {
    const { url, commit } = await createRepository(shop.server, 'acme/attributes', {
      '.gitattributes': 'hidden.txt export-ignore\nstamp.txt export-subst\n',
      'hidden.txt': 'here',
      'stamp.txt': '$Format:%H$',
      'run.sh': { text: '#!/bin/sh\n', mode: '755' },
      'sub/link': { link: '../../../etc/passwd' },
    });
    const files = await unpackTree(await shop.open({ url }));
    expect(files.get('hidden.txt')).to.deep.equal({
      type: 'file',
      mode: 0o644,
      uid: 0,
      text: 'here',
      link: '',
    });
    expect(files.get('stamp.txt')?.text).to.equal('$Format:%H$');
    expect(files.get('run.sh')).to.include({ mode: 0o755 });
    expect(files.get('sub/link')).to.include({ type: 'symlink', link: '../../../etc/passwd' });
    expect(commit).to.have.length(40);
  });

  it('tells what is at a path, without following links', async () => {
    const { url } = await createRepository(shop.server, 'acme/entries', {
      Dockerfile: 'FROM busybox\n',
      'docker/Dockerfile': 'FROM scratch\n',
      away: { link: 'docker' },
      ':(top)*': 'odd',
    });
    const tree = await shop.open({ url });
    expect(await tree.entry('Dockerfile')).to.deep.equal({ kind: 'file', bytes: 13 });
    expect(await tree.entry('./docker//Dockerfile')).to.deep.equal({ kind: 'file', bytes: 13 });
    expect(await tree.entry('docker')).to.deep.equal({ kind: 'folder', bytes: 0 });
    expect(await tree.entry('')).to.include({ kind: 'folder' });
    expect(await tree.entry('away')).to.include({ kind: 'link' });
    expect(await tree.entry(':(top)*')).to.include({ kind: 'file', bytes: 3 });
    for (const path of [
      'away/Dockerfile',
      'nope',
      '../x',
      '/etc/../../x',
      'a\0b',
      'Docker*',
      '.git/config',
    ]) {
      expect(await tree.entry(path), path).to.equal(undefined);
    }
  });

  it('gives the bytes of a file as they are, up to a limit', async () => {
    const bytes = randomBytes(5000);
    const { url } = await createRepository(shop.server, 'acme/bytes', {
      'a.bin': { text: bytes },
      l: { link: 'a.bin' },
    });
    const tree = await shop.open({ url });
    expect((await tree.readFile('a.bin', 5000)).equals(bytes)).to.equal(true);
    expect((await faultOf(tree.readFile('a.bin', 4999))).reason).to.equal('source_invalid');
    expect((await faultOf(tree.readFile('l', 5000))).reason).to.equal('source_invalid');
  });

  it('can be packed from a folder on', async () => {
    const { url } = await createRepository(shop.server, 'acme/folders', {
      'app/src/a.txt': 'a',
      'b.txt': 'b',
    });
    const tree = await shop.open({ url });
    const files = await unpackTree(tree, 'app');
    expect([...files.keys()].filter((name) => !name.endsWith('/'))).to.deep.equal(['src/a.txt']);
    for (const folder of ['nope', 'b.txt', '..', '../..']) {
      expect((await faultOf(unpackTree(tree, folder))).reason, folder).to.equal('context_invalid');
    }
  });

  it('never ends where its git was killed', async () => {
    const { url, commit } = await createRepository(shop.server, 'acme/big', {
      big: { text: randomBytes(8_000_000) },
    });
    const tar = (await shop.open({ url })).tar('', never);
    let ended = false;
    tar.once('end', () => (ended = true));
    const failed = new Promise<unknown>((resolve) => tar.once('error', resolve));
    const [running = ''] = await waitFor('git archive', () => {
      const found = processesWith(`archive --format=tar ${commit}`);
      return found.length > 0 && found;
    });
    process.kill(Number.parseInt(running, 10), 'SIGKILL');
    tar.resume();
    expect(await failed).to.be.instanceOf(BuildFault);
    expect(ended).to.equal(false);
  });

  it('stops its git when it is canceled, and when its reader goes away', async () => {
    const { url, commit } = await createRepository(shop.server, 'acme/slow', {
      big: { text: randomBytes(8_000_001) },
    });
    const tree = await shop.open({ url });
    const cancel = new AbortController();
    const tar = tree.tar('', cancel.signal);
    const failed = new Promise<unknown>((resolve) => tar.once('error', resolve));
    await waitFor('git archive', () => processesWith(`archive --format=tar ${commit}`).length === 1);
    cancel.abort(new BuildFault('canceled', 'enough'));
    expect(await failed).to.include({ reason: 'canceled' });
    expect(processesWith(`archive --format=tar ${commit}`)).to.deep.equal([]);

    const left = tree.tar('', never);
    await waitFor('git archive', () => processesWith(`archive --format=tar ${commit}`).length === 1);
    left.destroy();
    await waitFor(
      'the end of git archive',
      () => processesWith(`archive --format=tar ${commit}`).length === 0,
    );
  });
});

describe('a folder as source', () => {
  let shop: Workshop;
  let folder: string;
  before(async () => {
    shop = await openWorkshop();
    folder = await mkdtemp(join(tmpdir(), 'folder-source-'));
  });
  after(async () => {
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is packed with its links as links, without .git, fifos and sockets', async () => {
    await mkdir(join(folder, 'sub/.git'), { recursive: true });
    await writeFile(join(folder, 'sub/.git/config'), 'secret');
    await writeFile(join(folder, 'sub/file.txt'), 'text', { mode: 0o640 });
    await writeFile(join(folder, '.git'), 'gitdir: elsewhere');
    await symlink('/etc/passwd', join(folder, 'passwd'));
    await symlink('/etc', join(folder, 'etc'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const socket = createServer().listen(join(folder, 'socket'));
    const tree = await shop.openAny({ kind: 'folder', path: folder });
    const files = await unpackTree(tree);
    socket.close();
    expect([...files.keys()].toSorted()).to.deep.equal(['.', 'etc', 'passwd', 'sub', 'sub/file.txt']);
    expect(files.get('sub/file.txt')).to.deep.equal({
      type: 'file',
      mode: 0o640,
      uid: 0,
      text: 'text',
      link: '',
    });
    expect(files.get('passwd')).to.include({ type: 'symlink', link: '/etc/passwd' });
    expect(tree.commit).to.equal(undefined);
    expect(await tree.entry('passwd')).to.include({ kind: 'link' });
    expect(await tree.entry('etc/passwd')).to.equal(undefined);
    expect(await tree.entry('fifo')).to.equal(undefined);
    for (const path of ['passwd', 'etc/passwd', 'fifo', 'sub', '../x', '.git']) {
      expect((await faultOf(tree.readFile(path, 1000))).reason, path).to.equal('source_invalid');
    }
    expect((await tree.readFile('sub/file.txt', 4)).toString()).to.equal('text');
    expect((await faultOf(tree.readFile('sub/file.txt', 3))).reason).to.equal('source_invalid');
    expect((await faultOf(buffer(tree.tar('etc', never)))).reason).to.equal('context_invalid');
    await tree.close();
    expect(await readdir(folder)).to.include('sub');
  });

  it('must be there', async () => {
    expect((await faultOf(shop.openAny({ kind: 'folder', path: join(folder, 'nope') }))).reason).to.equal(
      'source_not_found',
    );
  });
});
