import { expect } from 'chai';
import { parseDockerignore } from '../../../builder/model/dockerignore.ts';
import { BuildFault } from '../../../builder/model/faults.ts';

function excluded(lines: string[], ...paths: string[]): string[] {
  const ignore = parseDockerignore(lines.join('\n'), []);
  return paths.filter((path) => ignore.excludes(path));
}

function faultOf(work: () => unknown): BuildFault {
  try {
    work();
  } catch (error) {
    if (error instanceof BuildFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('.dockerignore', () => {
  it('leaves out names, folders and what is below them', () => {
    expect(
      excluded(['# a comment', 'a', '/b/', '', '*.log'], 'a', 'a/x', 'b/y/z', 'x.log', 'c/x.log', 'ab'),
    ).to.deep.equal(['a', 'a/x', 'b/y/z', 'x.log']);
  });

  it('knows *, ?, [ ], ** and \\', () => {
    expect(
      excluded(['f?o', '[a-c]x', '[^a-c]y', '\\*'], 'foo', 'f/o', 'bx', 'dx', 'dy', 'ay', '*', 'z'),
    ).to.deep.equal(['foo', 'bx', 'dy', '*']);
    expect(
      excluded(['**/tmp', 'a/**/z', 'q/**'], 'tmp', 'x/y/tmp/z', 'a/z', 'a/b/c/z', 'q', 'q/r'),
    ).to.deep.equal(['tmp', 'x/y/tmp/z', 'a/z', 'a/b/c/z', 'q/r']);
  });

  it('lets a later line win', () => {
    expect(excluded(['*', '!a', 'a/b'], 'a', 'a/b', 'a/c', 'd')).to.deep.equal(['a/b', 'd']);
  });

  it('enters an excluded folder only where an exception names it', () => {
    expect(excluded(['a', '!a/keep'], 'a', 'a/keep', 'a/other')).to.deep.equal(['a', 'a/other']);
    expect(excluded(['a', '!**/keep'], 'a', 'a/keep')).to.deep.equal(['a', 'a/keep']);
  });

  it('does not take back below a folder what an exception for the folder itself came too early for', () => {
    expect(excluded(['d/c', '!d'], 'd', 'd/c', 'd/e')).to.deep.equal(['d/c']);
  });

  it('never leaves out what the build needs', () => {
    const ignore = parseDockerignore('*', ['docker/Dockerfile', '.dockerignore']);
    expect(['docker/Dockerfile', '.dockerignore'].some((path) => ignore.excludes(path))).to.equal(false);
    expect(ignore.excludes('docker/other')).to.equal(true);
  });

  it('treats names of JavaScript objects like any other', () => {
    expect(excluded(['*'], 'constructor', '__proto__', 'toString')).to.have.length(3);
  });

  it('gives the same answer in any order of paths', () => {
    const ignore = parseDockerignore('a\n!a/b\na/b/c', []);
    const paths = ['a', 'a/b', 'a/b/c', 'a/b/d', 'e'];
    const forward = paths.map((path) => ignore.excludes(path));
    const backward = paths.toReversed().map((path) => ignore.excludes(path));
    expect(forward).to.deep.equal([true, false, true, false, false]);
    expect(backward).to.deep.equal(forward.toReversed());
  });

  for (const line of ['!', '!/', '[a', '[]', '[a-]', '[b-a]', 'a\\', '\\d', '[a*]'])
    it(`refuses "${line}" and says where it is`, () => {
      const fault = faultOf(() => parseDockerignore(`ok\n${line}`, []));
      expect(fault.reason).to.equal('context_invalid');
      expect(fault.message).to.match(/^\.dockerignore line 2, /);
    });

  it('stays quick with a pattern made to be slow', () => {
    expect(excluded([`${'**/a'.repeat(30)}/b`], `${'a/'.repeat(200)}c`)).to.deep.equal([]);
  });

  it('stops where matching would cost too much', () => {
    const ignore = parseDockerignore(`${'*a'.repeat(1000)}b`, []);
    expect(faultOf(() => ignore.excludes('a'.repeat(4000))).message).to.include('too costly');
  });
});
