import { existsSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const signal = new AbortController().signal;

describe('mirrors that nobody uses', () => {
  let workshop: Workshop;

  beforeEach(async () => {
    workshop = await openWorkshop();
    await createRepository(workshop.server, 'acme/app', { Dockerfile: 'FROM scratch\n' });
    await createRepository(workshop.server, 'acme/other', { Dockerfile: 'FROM scratch\n' });
  });
  afterEach(() => workshop.close());

  const urlOf = (repo: string) => `${workshop.server.url}/acme/${repo}.git`;
  const open = (repo: string, ref = 'main') => workshop.open({ url: urlOf(repo), ref });
  const mirrors = () => workshop.sources.mirrors;

  it('are listed with what they are of, what they take and when they were used', async () => {
    expect(await mirrors().list()).to.deep.equal([]);
    await (await open('app')).close();
    const begin = Date.now();
    const tree = await open('other');
    const [app, other] = await mirrors().list();
    expect(app).to.include({ url: urlOf('app'), isHeld: false });
    expect(other).to.include({ url: urlOf('other'), isHeld: true });
    expect(app?.bytes).to.be.greaterThan(300);
    await tree.close();
    const [, released] = await mirrors().list();
    expect(released).to.include({ url: urlOf('other'), isHeld: false });
    expect(released?.usedAt).to.be.within(begin - 20, Date.now() + 20);
  });

  it('are measured again only after a use', async () => {
    await (await open('app')).close();
    const [before] = await mirrors().list();
    await writeFile(join(workshop.mirror(), 'ballast'), 'x'.repeat(5000));
    expect((await mirrors().list())[0]?.bytes).to.equal(before?.bytes);
    await (await open('app')).close();
    expect((await mirrors().list())[0]?.bytes).to.equal((before?.bytes ?? 0) + 5000);
  });

  it('go whole, but not while a build has them, and come again with the next one', async () => {
    const tree = await open('app');
    const [held] = await mirrors().list();
    const name = held?.name ?? '';
    expect(await mirrors().remove(name, signal)).to.equal(false);
    expect((await tree.readFile('Dockerfile', 100)).toString()).to.equal('FROM scratch\n');
    await tree.close();
    expect(await mirrors().remove(name, signal)).to.equal(true);
    expect(existsSync(join(workshop.folder, 'mirrors', name))).to.equal(false);
    expect(await mirrors().remove(name, signal)).to.equal(false);
    const again = await open('app', tree.commit);
    expect((await again.readFile('Dockerfile', 100)).toString()).to.equal('FROM scratch\n');
    await again.close();
  });

  it('go also where this process never had them, and builds at the same time are none the worse', async () => {
    await (await open('app')).close();
    await workshop.restart();
    const name = (await mirrors().list())[0]?.name ?? '';
    const builds = Array.from({ length: 5 }, () => open('app'));
    const removals = Array.from({ length: 5 }, () => mirrors().remove(name, signal));
    for (const tree of await Promise.all(builds)) {
      expect((await tree.readFile('Dockerfile', 100)).toString()).to.equal('FROM scratch\n');
      await tree.close();
    }
    await Promise.all(removals);
    await mirrors().remove(name, signal);
    expect(await mirrors().list()).to.deep.equal([]);
  });

  it('leave nothing behind where a removal was broken off, and nothing else goes', async () => {
    await (await open('app')).close();
    const folder = join(workshop.folder, 'mirrors');
    const trash = join(folder, `${'0'.repeat(40)}.git.trash`);
    await mkdir(join(trash, 'objects'), { recursive: true });
    await mkdir(join(folder, 'somebody-elses'));
    await workshop.restart();
    await (await open('app')).close();
    expect(existsSync(trash)).to.equal(false);
    expect(existsSync(join(folder, 'somebody-elses'))).to.equal(true);
    expect((await mirrors().list()).map(({ url }) => url)).to.deep.equal([urlOf('app')]);
    const refusal: unknown = await mirrors()
      .remove('../checkouts', signal)
      .catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(Error);
  });

  it('are sorted by their last use', async () => {
    for (const repo of ['app', 'other']) await (await open(repo)).close();
    const [first] = await mirrors().list();
    const file = join(workshop.folder, 'mirrors', first?.name ?? '', 'info', 'attributes');
    await utimes(file, new Date(), new Date(Date.now() + 60_000));
    expect((await mirrors().list()).at(-1)?.name).to.equal(first?.name);
  });
});
