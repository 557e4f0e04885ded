import { expect } from 'chai';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack, type Header } from 'tar-stream';
import { BuildFault, type Reason } from '../../../builder/model/faults.ts';
import { packContext } from '../../../builder/steps/context.ts';
import { type ContextWish, findContext } from '../../../builder/steps/contextFiles.ts';
import type { SourceTree } from '../../../builder/model/tree.ts';
import { type Files, makeFolder, type TestFolder } from './makeFolder.ts';
import { type Listed, listTar } from './tarList.ts';

type TarEntry = Partial<Header> & { name: string };

interface Wishes extends ContextWish {
  maxBytes: number;
  maxEntries: number;
  signal: AbortSignal;
}

const dockerfile = { Dockerfile: 'FROM scratch\n' };

describe('build context', () => {
  let made: TestFolder[] = [];
  afterEach(async () => {
    await Promise.all(made.map((folder) => folder.remove()));
    made = [];
  });

  const folderOf = async (files: Files): Promise<TestFolder> => {
    const folder = await makeFolder(files);
    made.push(folder);
    return folder;
  };
  const open = async (files: Files, wishes: Partial<Wishes> = {}): Promise<Readable> =>
    contextOf((await folderOf(files)).tree, wishes);
  const namesOf = async (files: Files, wishes: Partial<Wishes> = {}): Promise<string[]> =>
    (await listTar(await open(files, wishes))).map((entry) => entry.name);
  /** The context when git or tar-fs would give this tar. */
  const openTar = async (tar: Readable, wishes: Partial<Wishes> = {}): Promise<Readable> => {
    const { tree } = await folderOf(dockerfile);
    return contextOf({ ...tree, tar: () => tar }, wishes);
  };

  it('is the whole tree, owned by root, writable by its owner only', async () => {
    const long = `${'deep/'.repeat(40)}é-${'x'.repeat(150)}`;
    const listed = await listTar(
      await open({ ...dockerfile, [long]: 'content', link: { link: '/etc/passwd' }, empty: null }),
    );
    const found = new Map(listed.map((entry) => [entry.name, entry]));
    expect(found.get(long)).to.include({ type: 'file', content: 'content' });
    expect(found.get('link')).to.include({ type: 'symlink', linkName: '/etc/passwd', mode: 0o777 });
    expect(found.get('empty')).to.include({ type: 'directory' });
    for (const { uid, owner, mode, type } of listed)
      expect({ uid, owner, group: type === 'symlink' ? 0 : mode & 0o022 }).to.deep.equal({
        uid: 0,
        owner: ':',
        group: 0,
      });
  });

  it('does not depend on who packed it', async () => {
    const entry = { name: 'run.sh', mtime: new Date(1e12) };
    const mine = await buffer(
      await openTar(tarOf([{ ...entry, mode: 0o4775, uid: 1000, gid: 7, uname: 'me', gname: 'us' }])),
    );
    const roots = await buffer(await openTar(tarOf([{ ...entry, mode: 0o755 }])));
    expect(mine.equals(roots)).to.equal(true);
  });

  it('leaves out what .dockerignore says, but never the Dockerfile', async () => {
    const files = {
      ...dockerfile,
      '.dockerignore': '*\n!src\nsrc/*.log',
      'src/a': '',
      'src/b.log': '',
      'docs/c': '',
    };
    expect(await namesOf(files)).to.deep.equal(['.dockerignore', 'Dockerfile', 'src', 'src/a']);
  });

  it('prefers <Dockerfile>.dockerignore', async () => {
    const files = {
      'd/x.Dockerfile': 'FROM a',
      'd/x.Dockerfile.dockerignore': 'b',
      '.dockerignore': 'a',
      a: '',
      b: '',
    };
    expect(await namesOf(files, { dockerfile: './d//x.Dockerfile' }))
      .to.include('a')
      .and.not.include('b');
  });

  it('can be a folder of the tree', async () => {
    const files = { 'app/Dockerfile': 'FROM a', 'app/x': '', other: '' };
    expect(await namesOf(files, { folder: './app/', dockerfile: 'app/Dockerfile' })).to.deep.equal([
      'Dockerfile',
      'x',
    ]);
  });

  it('takes a Dockerfile from elsewhere along, which the engine takes out again', async () => {
    const files = { 'app/x': '', 'app/y': '', 'app/.dockerignore': 'y', 'docker/Dockerfile': 'FROM a' };
    const wishes = { folder: 'app', dockerfile: 'docker/Dockerfile' };
    const listed = await listTar(await open(files, wishes));
    const [sent] = listed;
    expect(sent).to.include({ content: 'FROM a' });
    expect(listed.map(({ name }) => name)).to.deep.equal([sent?.name, '.dockerignore', '.dockerignore', 'x']);
    const rules = listed.flatMap(({ content }) => content.split('\n'));
    expect(rules).to.include.members(['y', sent?.name, '.dockerignore']);
  });

  const refusals: [why: string, reason: Reason, files: Files, wishes?: Partial<Wishes>][] = [
    ['there is no Dockerfile', 'dockerfile_missing', { a: '' }],
    ['the Dockerfile is empty', 'dockerfile_invalid', { Dockerfile: '' }],
    ['the Dockerfile has no stage', 'dockerfile_invalid', { Dockerfile: 'ARG FROM=1\n' }],
    ['the Dockerfile is only comments', 'dockerfile_invalid', { Dockerfile: '\n# FROM a\n  # b\n\t\n' }],
    ['the Dockerfile is a link', 'dockerfile_invalid', { Dockerfile: { link: '/etc/passwd' } }],
    ['the Dockerfile is a folder', 'dockerfile_invalid', { Dockerfile: null }],
    [
      'the Dockerfile is behind a link',
      'dockerfile_invalid',
      { d: { link: '/' }, x: '' },
      { dockerfile: 'd/Dockerfile' },
    ],
    ['the Dockerfile is outside', 'dockerfile_invalid', dockerfile, { dockerfile: 'a/../../Dockerfile' }],
    ['the Dockerfile is absolute', 'dockerfile_invalid', dockerfile, { dockerfile: '/Dockerfile' }],
    ['the Dockerfile has a NUL', 'dockerfile_invalid', dockerfile, { dockerfile: 'Dockerfile\0' }],
    ['the Dockerfile has no name', 'dockerfile_invalid', dockerfile, { dockerfile: '' }],
    [
      '.dockerignore is a link',
      'context_invalid',
      { ...dockerfile, '.dockerignore': { link: '/etc/passwd' } },
    ],
    ['.dockerignore is huge', 'context_invalid', { ...dockerfile, '.dockerignore': 'a\n'.repeat(600_000) }],
    ['.dockerignore is broken', 'context_invalid', { ...dockerfile, '.dockerignore': '!' }],
    ['the folder is outside', 'context_invalid', dockerfile, { folder: '..' }],
    ['the folder is not there', 'context_invalid', dockerfile, { folder: 'a' }],
    ['the folder is a link', 'context_invalid', { ...dockerfile, d: { link: '/etc' } }, { folder: 'd' }],
    [
      'the folder is behind a link',
      'context_invalid',
      { ...dockerfile, d: { link: '/etc' } },
      { folder: 'd/ssl' },
    ],
  ];
  for (const [why, reason, files, wishes] of refusals)
    it(`is refused when ${why}`, async () => {
      const fault = await faultOf(open(files, wishes));
      expect(fault.reason).to.equal(reason);
    });

  it('is refused at the limit of bytes, with the number reached', async () => {
    const files = { ...dockerfile, big: 'x'.repeat(100_000) };
    const fault = await faultOf(open(files, { maxBytes: 50_000 }).then(buffer));
    expect(fault.reason).to.equal('context_too_large');
    expect(fault.message).to.match(/reached 101\d\d\d bytes at "big"; the limit is 50000/);
  });

  it('is refused at the limit of entries, but what is left out does not count', async () => {
    const files = { ...dockerfile, a: '', b: '', c: '' };
    expect(await namesOf(files, { maxEntries: 4 })).to.have.length(4);
    expect((await faultOf(open(files, { maxEntries: 3 }).then(buffer))).message).to.include('4 entries');
    expect(await namesOf({ ...files, '.dockerignore': '?' }, { maxEntries: 2 })).to.have.length(2);
  });

  const attacks: [what: string, headers: TarEntry[]][] = [
    ['a path with ..', [{ name: 'a/../../b' }]],
    ['an absolute path', [{ name: '/etc/passwd' }]],
    ['a hard link out', [{ name: 'a', type: 'link', linkname: '../a' }]],
    ['an endless path', [{ name: 'a/'.repeat(3000) }]],
  ];
  for (const [what, headers] of attacks)
    it(`is refused when its tar has ${what}`, async () => {
      expect((await faultOf(openTar(tarOf(headers)).then(buffer))).reason).to.equal('context_invalid');
    });

  it('leaves out devices and fifos, keeps hard links', async () => {
    const tar = tarOf([
      { name: 'null', type: 'character-device', devmajor: 1, devminor: 3 },
      { name: 'pipe', type: 'fifo' },
      { name: 'a' },
      { name: 'b', type: 'link', linkname: 'a' },
    ]);
    const listed = await listTar(await openTar(tar));
    expect(listed.map(({ name, type }) => `${name} ${type}`)).to.deep.equal(['a file', 'b link']);
  });

  it('is never a clean end when the tar is cut off', async () => {
    const whole = await buffer(tarOf([{ name: 'a' }, { name: 'b' }]));
    for (const length of [0, 100, 512, 700, 1024])
      expect(
        (await faultOf(openTar(Readable.from([whole.subarray(0, length)])).then(buffer))).reason,
      ).to.equal('context_invalid');
  });

  it('is the same however the tar is cut into chunks', async () => {
    const long = 'é/'.repeat(120);
    const whole = await buffer(
      tarOf([{ name: 'a' }, { name: `${long}b` }, { name: 'c', type: 'symlink', linkname: long }]),
    );
    const expected: Listed[] = await listTar(await openTar(Readable.from([whole])));
    expect(expected).to.have.length(3);
    for (const size of [1, 7, 511, 512, 513, 4096])
      expect(await listTar(await openTar(Readable.from(pieces(whole, size))))).to.deep.equal(expected);
  });

  it('keeps names that are not UTF-8', async () => {
    const whole = await buffer(tarOf([{ name: 'a?' }]));
    whole[1] = 0xff;
    whole.write(checksumOf(whole), 148);
    expect((await buffer(await openTar(Readable.from([whole])))).subarray(0, 2)).to.deep.equal(
      Buffer.from([0x61, 0xff]),
    );
  });

  it('fails with the fault of the source', async () => {
    const fault = new BuildFault('source_invalid', 'broken');
    const source = new Readable({ read() {} });
    const context = await openTar(source);
    source.destroy(fault);
    expect(await faultOf(buffer(context))).to.equal(fault);
  });

  it('fails with the reason of the signal, and stops the source', async () => {
    const source = new Readable({ read() {} });
    const controller = new AbortController();
    const context = await openTar(source, { signal: controller.signal });
    const fault = new BuildFault('canceled', 'enough');
    controller.abort(fault);
    expect(await faultOf(buffer(context))).to.equal(fault);
    expect(source.destroyed).to.equal(true);
    expect((await faultOf(open(dockerfile, { signal: controller.signal }))).reason).to.equal('canceled');
  });

  it('stops the source when its reader goes away', async () => {
    const source = new Readable({ read() {} });
    const context = await openTar(source);
    const closed = new Promise((resolve) => source.once('close', resolve));
    context.destroy();
    await closed;
    expect(source.destroyed).to.equal(true);
  });

  it('reads no more than its reader takes', async () => {
    let given = 0;
    const head = (await buffer(tarOf([{ name: 'big', size: 0 }]))).subarray(0, 512);
    head.write('77777777777', 124);
    head.write(checksumOf(head), 148);
    const source = new Readable({
      read() {
        this.push(given === 0 ? head : Buffer.alloc(65_536));
        given += 65_536;
      },
    });
    const context = await openTar(source, { maxBytes: 1e12 });
    await new Promise((resolve) => context.once('readable', resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    expect(given).to.be.below(1_000_000);
    context.destroy();
  });
});

async function contextOf(tree: SourceTree, wishes: Partial<Wishes>): Promise<Readable> {
  const { folder = '', dockerfile: file = 'Dockerfile', ...rest } = wishes;
  const found = await findContext(tree, { folder, dockerfile: file });
  const { signal } = new AbortController();
  return packContext(tree, { found, maxBytes: 1e9, maxEntries: 1e6, signal, ...rest });
}

function tarOf(headers: TarEntry[]): Readable {
  const tar = pack();
  for (const header of headers) tar.entry({ mtime: new Date(0), ...header }, '');
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

function* pieces(whole: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

function checksumOf(block: Buffer): string {
  const bytes = [...block.subarray(0, 512)];
  const sum = bytes.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}

async function faultOf(work: Promise<unknown>): Promise<BuildFault> {
  const error: unknown = await work.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof BuildFault) return error;
  throw error;
}
