import { expect } from 'chai';
import fc from 'fast-check';
import { imageName, tagName, usualTags } from '../../../builder/model/imageName.ts';

// The grammar of github.com/distribution/reference, for a name without a registry.
const part = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const namePattern = new RegExp(`^${part}(?:/${part})*$`);
const tagPattern = /^[\w][\w.-]{0,127}$/;

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', 'B', '1', '.', '_', '-', '/', '+', 'é'), maxLength: 300 }),
  fc.constantFrom('localhost', 'library', '', '..', 'x'.repeat(255), 'a.'.repeat(100)),
);

describe('image name', () => {
  const cases: [account: string, repo: string, name: string][] = [
    ['modcloth', 'docker-builder', 'modcloth/docker-builder'],
    ['RafeColton', 'Docker_Builder.js', 'rafecolton/docker_builder.js'],
    ['a', 'b__c--d._e', 'a/b__c-d-e'],
    ['-a-', '_b+c!', 'a/b-c'],
    ['group/sub.group', 'x', 'group/sub.group/x'],
    ['my.org', 'x', 'my-org/x'],
    ['localhost', 'x', 'x-localhost/x'],
    ['library', 'ubuntu', 'x-library/ubuntu'],
    ['', 'My Project', 'my-project'],
  ];
  for (const [account, repo, name] of cases)
    it(`of "${account}" and "${repo}" is ${name}`, () => expect(imageName(account, repo)).to.equal(name));

  it('is different for repositories without a letter to keep', () => {
    expect(imageName('a', '日本')).to.match(/^a\/x-[0-9a-f]{8}$/);
    expect(imageName('a', '日本')).to.not.equal(imageName('a', '日木'));
  });

  it('is different for long names that differ only at their end', () => {
    const long = 'x'.repeat(300);
    expect(imageName('a', `${long}1`)).to.not.equal(imageName('a', `${long}2`));
    expect(imageName(`${long}1`, 'a')).to.not.equal(imageName(`${long}2`, 'a'));
  });

  it('is always valid and never reads as a registry', () => {
    const property = fc.property(anyText, anyText, (account, repo) => {
      const name = imageName(account, repo);
      expect(name).to.match(namePattern).and.to.have.length.within(1, 225);
      const [first = '', ...rest] = name.split('/');
      if (rest.length > 0) expect(first).to.not.match(/\.|:|^localhost$|^library$/);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('tag name', () => {
  const cases: [ref: string, tag: string][] = [
    ['main', 'main'],
    ['v1.2.3', 'v1.2.3'],
    ['feature/x', 'feature-x'],
    ['refs/heads/Feature/X_y', 'Feature-X_y'],
    ['refs/tags/v1', 'v1'],
    ['refs/pull/7/head', 'pull-7-head'],
    ['.-#-x', 'x'],
  ];
  for (const [ref, tag] of cases) it(`of ${ref} is ${tag}`, () => expect(tagName(ref)).to.equal(tag));

  it('is always valid', () => {
    const property = fc.property(anyText, (ref) => {
      expect(tagName(ref)).to.match(tagPattern);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('build tags', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';

  it('are the short commit and the branch', () => {
    expect(usualTags(commit, 'feature/x')).to.deep.equal(['0123456', 'feature-x']);
  });

  it('are only what is known, and each once', () => {
    expect(usualTags(commit)).to.deep.equal(['0123456']);
    expect(usualTags(commit, '0123456')).to.deep.equal(['0123456']);
    expect(usualTags()).to.deep.equal(['latest']);
  });
});
