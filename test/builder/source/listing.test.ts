import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ListedEntry, SourceTree } from '../../../builder/model/tree.ts';
import { folderTree } from '../../../builder/steps/source/folderTree.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { makeFolder } from '../context/makeFolder.ts';
import { faultOf, openWorkshop, processesWith, unpackTree, type Workshop } from './workshop.ts';

const files = {
  Dockerfile: 'FROM scratch\n',
  'deep/er/file': 'text\n',
  'deep/er/link': { link: '../../Dockerfile' },
  'deep.txt': 'beside\n',
  näme: 'ümlaut\n',
  empty: '',
  large: 'x'.repeat(300_000),
};

describe('listing a tree', () => {
  let workshop: Workshop;
  const never = new AbortController().signal;

  before(async () => {
    workshop = await openWorkshop();
  });
  after(() => workshop.close());

  /** Everything that the list says, and the content of the files. */
  async function listed(tree: SourceTree, folder = ''): Promise<Map<string, ListedEntry & { text: string }>> {
    const reader = tree.files(folder, never);
    const all = new Map<string, ListedEntry & { text: string }>();
    const wishes: Promise<unknown>[] = [];
    for await (const entry of tree.list(folder, never)) {
      const one = { ...entry, text: '' };
      all.set(entry.path, one);
      // All at once: they are read one after the other.
      if (entry.kind === 'file') wishes.push(read(reader, entry).then((text) => (one.text = text)));
    }
    await Promise.all(wishes);
    reader.close();
    return all;
  }

  async function read(reader: ReturnType<SourceTree['files']>, entry: ListedEntry): Promise<string> {
    const pieces: Buffer[] = [];
    await reader.read(entry, async (piece) => void pieces.push(Buffer.from(piece)));
    return Buffer.concat(pieces).toString();
  }

  async function expectSameAsTar(tree: SourceTree, folder = ''): Promise<void> {
    const [list, tar] = [await listed(tree, folder), await unpackTree(tree, folder)];
    const packed = [...tar].filter(
      ([name, { type }]) => type !== 'pax-global-header' && name !== './' && name !== '.',
    );
    const normal = (name: string): string => name.replace(/^\.\//, '').replace(/\/$/, '');
    expect([...list.keys()].toSorted()).to.deep.equal(packed.map(([name]) => normal(name)).toSorted());
    for (const [name, { type, link, text, mode }] of packed) {
      const entry = list.get(normal(name));
      expect(entry?.kind).to.equal(type === 'symlink' ? 'link' : type === 'directory' ? 'folder' : 'file');
      expect(entry?.target).to.equal(type === 'symlink' ? link : '');
      expect(entry?.text).to.equal(text);
      if (entry?.kind === 'file') expect(entry).to.include({ mode, bytes: Buffer.byteLength(text) });
    }
  }

  it('gives of a commit what its tar holds', async () => {
    const { url } = await createRepository(workshop.server, 'acme/listed', {
      ...files,
      run: { text: '#!/bin/sh\n', mode: '755' },
      sub: { submodule: '1'.repeat(40) },
    });
    const tree = await workshop.open({ url });
    await expectSameAsTar(tree);
    await expectSameAsTar(tree, 'deep');
    expect((await faultOf(listed(tree, 'none'))).reason).to.equal('context_invalid');
  });

  it('gives of a folder what its tar holds', async () => {
    const folder = await makeFolder({ ...files, '.git/config': 'ours', 'deep/.git/config': 'theirs' });
    await expectSameAsTar(folder.tree);
    await expectSameAsTar(folder.tree, 'deep');
    expect((await faultOf(listed(folder.tree, 'none'))).reason).to.equal('context_invalid');
    await folder.remove();
  });

  it('gives a file another time with other content, and only then', async () => {
    const repository = await createRepository(workshop.server, 'acme/times', files);
    const times = async (): Promise<Map<string, bigint>> => {
      const tree = await workshop.open({ url: repository.url });
      return new Map([...(await listed(tree))].map(([path, { modifiedNs }]) => [path, modifiedNs]));
    };
    const before = await times();
    await repository.update({ 'deep.txt': 'BESIDE\n' });
    const after = await times();
    const changed = [...after].filter(([path, time]) => before.get(path) !== time).map(([path]) => path);
    expect(changed).to.deep.equal(['deep.txt']);
  });

  it('leaves no git behind where it is left early, or aborted', async () => {
    const { url } = await createRepository(workshop.server, 'acme/left', files);
    const tree = await workshop.open({ url });
    for await (const entry of tree.list('', never)) if (entry.kind === 'link') break;
    const stop = new AbortController();
    const reader = tree.files('', stop.signal);
    const found = (await listed(tree)).get('large');
    if (!found) throw new Error('the file is not listed');
    const reading = reader.read(
      found,
      () => new Promise((resolve) => (stop.abort(new Error('enough')), resolve())),
    );
    expect(await reading.catch(String)).to.equal('Error: enough');
    expect(await reader.read(found, () => undefined).catch(String)).to.equal('Error: enough');
    await waitFor('the end of git', () => processesWith(`GIT_DIR=${workshop.folder}`).length === 0);
  });

  it('does not follow a link that took the place of a file', async () => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'listed-')));
    await writeFile(join(root, 'file'), 'inside');
    const tree = folderTree({ root });
    const [entry] = [...(await listed(tree)).values()];
    await rm(join(root, 'file'));
    await symlink('/etc/passwd', join(root, 'file'));
    if (!entry) throw new Error('the file is not listed');
    expect((await faultOf(read(tree.files('', never), entry))).reason).to.equal('context_invalid');
    await rm(root, { recursive: true });
  });
});
