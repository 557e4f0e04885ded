import { expect } from 'chai';
import { createRepository, type Repository } from '../../fixtures/repository.ts';
import { countFetches, faultOf, openWorkshop, unpackTree, type Workshop } from './workshop.ts';

describe('a ref of a git source', () => {
  let shop: Workshop;
  let repository: Repository;
  let second: string;

  before(async () => {
    shop = await openWorkshop();
    repository = await createRepository(
      shop.server,
      'acme/app',
      { 'a.txt': 'one' },
      { message: 'First light\n\nMore' },
    );
    second = await repository.update({ 'a.txt': 'two' });
  });
  after(() => shop.close());

  async function opened(
    ref: string,
  ): Promise<{ commit: string | undefined; refName: string | undefined; text: string }> {
    const tree = await shop.open({ url: repository.url, ref });
    const files = await unpackTree(tree);
    await tree.close();
    return { commit: tree.commit, refName: tree.refName, text: files.get('a.txt')?.text ?? '' };
  }

  it('is described by the newest tag that it comes after, else by its id', async () => {
    const own = await createRepository(shop.server, 'acme/described', { a: '1' });
    const describe = async (): Promise<string | undefined> => {
      const tree = await shop.open({ url: own.url, ref: 'main' });
      await tree.close();
      return tree.describe?.();
    };
    expect(await describe()).to.equal(own.commit.slice(0, 7));
    await own.tag('v1.0');
    expect(await describe()).to.equal('v1.0');
    const next = await own.update({ a: '2' });
    expect(await describe()).to.equal(`v1.0-1-g${next.slice(0, 7)}`);
  });

  it('is a branch', async () => {
    expect(await opened('main')).to.deep.equal({ commit: second, refName: 'main', text: 'two' });
    expect(await opened('refs/heads/main')).to.deep.equal({ commit: second, refName: 'main', text: 'two' });
  });

  it('is a branch with a slash in its name', async () => {
    await repository.branch('feature/x');
    expect(await opened('feature/x')).to.deep.equal({
      commit: repository.commit,
      refName: 'feature/x',
      text: 'one',
    });
  });

  it('is a tag, plain or annotated', async () => {
    await repository.tag('v1');
    await repository.tag('v1.1', { message: 'signed off' });
    expect(await opened('v1')).to.include({ commit: repository.commit, refName: 'v1' });
    expect(await opened('v1.1')).to.include({ commit: repository.commit, refName: 'v1.1' });
    expect(await opened('refs/tags/v1.1')).to.include({ commit: repository.commit, refName: 'v1.1' });
  });

  it('is a branch before it is a tag', async () => {
    await repository.branch('both', second);
    await repository.tag('both');
    expect(await opened('both')).to.include({ commit: second });
    expect(await opened('refs/tags/both')).to.include({ commit: repository.commit });
  });

  it('is a commit id, full or short, in any case', async () => {
    expect(await opened(repository.commit)).to.deep.equal({
      commit: repository.commit,
      refName: undefined,
      text: 'one',
    });
    expect(await opened(repository.commit.slice(0, 8))).to.include({
      commit: repository.commit,
      refName: undefined,
    });
    expect(await opened(second.toUpperCase())).to.include({ commit: second });
  });

  it('is a branch that looks like a commit id', async () => {
    const name = repository.commit.slice(0, 7);
    await repository.branch(name, second);
    expect(await opened(name)).to.include({ commit: second, refName: name });
    await repository.ref(`refs/heads/${name}`, undefined);
    expect(await opened(name)).to.include({ commit: repository.commit });
  });

  it('is a pull request, which no branch holds', async () => {
    const pull = await repository.update({ 'a.txt': 'pulled' }, { branch: 'fork' });
    await repository.ref('refs/pull/7/head', pull);
    await repository.ref('refs/heads/fork', undefined);
    expect(await opened('refs/pull/7/head')).to.deep.equal({
      commit: pull,
      refName: undefined,
      text: 'pulled',
    });
    expect((await faultOf(shop.open({ url: repository.url, ref: 'refs/pull/8/head' }))).reason).to.equal(
      'ref_not_found',
    );
  });

  it('is the commit that HEAD names', async () => {
    expect(await opened('HEAD')).to.include({ commit: second });
  });

  it('is a commit that no ref reaches any more', async () => {
    const lost = await repository.update({ 'a.txt': 'lost' }, { branch: 'gone' });
    await repository.ref('refs/heads/gone', undefined);
    expect(await opened(lost)).to.deep.equal({ commit: lost, refName: undefined, text: 'lost' });
  });

  it('follows a branch that was moved by force, and forgets one that is gone', async () => {
    await repository.branch('moving', second);
    expect(await opened('moving')).to.include({ commit: second });
    await repository.branch('moving', repository.commit);
    expect(await opened('moving')).to.include({ commit: repository.commit });
    await repository.ref('refs/heads/moving', undefined);
    await repository.branch('moving/on', second);
    expect(await opened('moving/on')).to.include({ commit: second });
    expect((await faultOf(shop.open({ url: repository.url, ref: 'moving' }))).reason).to.equal(
      'ref_not_found',
    );
  });

  it('is not found where there is none', async () => {
    const nowhere = '0123456789012345678901234567890123456789';
    for (const ref of ['nope', 'refs/heads/nope', 'refs/tags/nope', nowhere, 'abcdef12']) {
      const fault = await faultOf(shop.open({ url: repository.url, ref }));
      expect(fault.reason, ref).to.equal('ref_not_found');
      expect(fault.phase).to.equal('clone');
      expect(fault.message).to.contain(ref);
    }
  });

  it('is not fetched again where it is a commit that is already there', async () => {
    await opened('main');
    const before = countFetches(shop.server);
    expect(await opened(second)).to.include({ commit: second });
    expect(countFetches(shop.server)).to.equal(before);
  });

  it('leaves its commit and the subject in the log', async () => {
    shop.log.length = 0;
    await opened(repository.commit);
    expect(shop.log).to.deep.equal([
      `system: Fetching 127.0.0.1:${shop.server.port}/acme/app.git, ref ${repository.commit}`,
      `system: Commit ${repository.commit} First light`,
    ]);
  });
});

describe('a git server that gives no commits by id', () => {
  let shop: Workshop;
  before(async () => {
    shop = await openWorkshop({ anyCommit: false });
  });
  after(() => shop.close());

  it('has not found a commit that no branch reaches', async () => {
    const repository = await createRepository(shop.server, 'acme/app', { a: '1' });
    const lost = await repository.update({ a: '2' }, { branch: 'gone' });
    await repository.ref('refs/heads/gone', undefined);
    expect((await faultOf(shop.open({ url: repository.url, ref: lost }))).reason).to.equal('ref_not_found');
  });
});
