import { expect } from 'chai';
import fc from 'fast-check';
import { comparePaths } from '../../../builder/model/buildkit/paths.ts';
import { selectEntries } from '../../../builder/model/buildkit/selection.ts';
import { createKitStream } from '../../../builder/model/buildkit/kitStream.ts';
import { decodeStatus } from '../../../builder/model/buildkit/status.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { ListedEntry } from '../../../builder/model/tree.ts';
import { pseudoTimeNs } from '../../../builder/steps/source/pseudoTime.ts';
import { instructionOf } from '../../../builder/steps/engine/imageResult.ts';
import { memoryLog } from '../engine/builds.ts';

/** `a/` is a folder, `a -> b` a link, all else a file. */
function entries(...texts: string[]): ListedEntry[] {
  const made = texts.map((text): ListedEntry => {
    const [path = '', target = ''] = text.split(' -> ');
    const kind = path.endsWith('/') ? 'folder' : target === '' ? 'file' : 'link';
    return { path: path.replace(/\/$/, ''), kind, mode: 0o644, bytes: 0, target, id: '', modifiedNs: 0n };
  });
  return made.toSorted((a, b) => comparePaths(a.path, b.path));
}

function selected(list: ListedEntry[], ...patterns: string[]): string[] {
  return selectEntries(list, patterns).map(({ path }) => path);
}

describe('the order of paths', () => {
  it('is folder by folder, by bytes', () => {
    const byBytes = (a: string, b: string): number => {
      const [left, right] = [a, b].map((path) => path.split('/').map((part) => Buffer.from(part)));
      for (const [i, part] of (left ?? []).entries()) {
        const other = right?.[i];
        if (other === undefined) return 1;
        const order = Buffer.compare(part, other);
        if (order !== 0) return order;
      }
      return (left?.length ?? 0) - (right?.length ?? 0);
    };
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '.', '-', '0', 'ü', '\uFFFC', '😀'),
      minLength: 1,
      maxLength: 3,
    });
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(path, path, (a, b) => Math.sign(comparePaths(a, b)) === Math.sign(byBytes(a, b))),
      { numRuns: 2000 },
    );
  });
});

describe('what of a context is selected', () => {
  const list = entries(
    'a/',
    'a/b/',
    'a/b/c',
    'a/d',
    'ab',
    'x y',
    'x, z',
    'in -> a/b',
    'out -> /etc',
    'up -> ../../a/d',
    'ring -> ring',
  );

  it('is what paths lead to, with the folders above and what is below', () => {
    expect(selected(list, 'a/b')).to.deep.equal(['a', 'a/b', 'a/b/c']);
    expect(selected(list, '/a/b/c')).to.deep.equal(['a', 'a/b', 'a/b/c']);
    expect(selected(list, 'none')).to.deep.equal([]);
    expect(selected(list, 'a', 'x y')).to.deep.equal(['a', 'a/b', 'a/b/c', 'a/d', 'x y']);
    expect(selectEntries(list, ['a', '.'])).to.equal(list);
  });

  it('follows links inside the context, and wildcards', () => {
    expect(selected(list, 'in/c')).to.deep.equal(['a', 'a/b', 'a/b/c', 'in']);
    expect(selected(list, 'out/passwd')).to.deep.equal(['out']);
    expect(selected(list, 'up')).to.deep.equal(['a', 'a/d', 'up']);
    expect(selected(list, 'ring/x')).to.deep.equal(['ring']);
    expect(selected(list, 'a*')).to.deep.equal(['a', 'a/b', 'a/b/c', 'a/d', 'ab']);
    expect(selected(list, 'i?/c')).to.deep.equal(['a', 'a/b', 'a/b/c', 'in']);
    expect(selected(list, '[[/c')).to.deep.equal(['a', 'a/b', 'a/b/c', 'in', 'out', 'ring', 'up']);
  });

  it('ends where links multiply without an end', () => {
    const links = entries(...Array.from({ length: 40 }, (_, i) => `l${i} -> l${i + 1}/x`), 'l40/');
    expect(selected(links, 'l0')).to.include('l0');
    const double = entries('d/', 'd/a -> ../d', 'd/b -> ../d');
    expect(selected(double, `d${'/*'.repeat(20)}`)).to.deep.equal(['d', 'd/a', 'd/b']);
  });
});

describe('the time that stands for a content', () => {
  it('is another one for other content, in the past and always the same', () => {
    const one = pseudoTimeNs('0123456789abcdef0123456789abcdef01234567');
    expect(pseudoTimeNs('0123456789abcdef0123456789abcdef01234567')).to.equal(one);
    expect(pseudoTimeNs('0123456789abcdee0123456789abcdef01234567')).not.to.equal(one);
    const year = new Date(Number(pseudoTimeNs('f'.repeat(40)) / 1_000_000n)).getUTCFullYear();
    expect(year).to.equal(2001);
  });
});

describe('what BuildKit writes into the history of an image', () => {
  it('is read without the values of build arguments', () => {
    expect(instructionOf('RUN |2 A=1 TOKEN=s3cret /bin/sh -c make all # buildkit')).to.equal('RUN make all');
    expect(instructionOf('RUN /bin/sh -c make # all # buildkit')).to.equal('RUN make # all');
  });
});

describe('the stream of a build with BuildKit', () => {
  it('refuses what is no message, in whatever way it is broken', () => {
    const broken = [
      'nonsense',
      '{"id":"moby.buildkit.trace","aux":"//8="}',
      '{"id":"moby.buildkit.trace","aux":"CgU="}',
    ];
    for (const line of broken) {
      const stream = createKitStream({ log: memoryLog(), onEvent: () => undefined });
      expect(() => stream.write(Buffer.from(`${line}\n`)))
        .to.throw(BuildFault)
        .with.property('reason', 'engine_error');
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeStatus(bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(BuildFault);
        }
      }),
    );
  });

  it('passes over what it does not know, and knows an end from a break', () => {
    const stream = createKitStream({ log: memoryLog(), onEvent: () => undefined });
    stream.write(Buffer.from('{"id":"moby.buildkit.trace","aux":""}\n{"id":"else","aux":{}}\n{"error":"it '));
    expect(stream.end()).to.include({ incomplete: true, imageId: undefined, error: undefined });
  });
});
