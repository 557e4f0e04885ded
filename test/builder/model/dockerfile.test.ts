import { expect } from 'chai';
import fc from 'fast-check';
import { type DockerfileWish, readDockerfile } from '../../../builder/model/dockerfile.ts';
import { parseImageReference } from '../../../builder/model/imageReference.ts';

describe("a Dockerfile's images", () => {
  const cases: [what: string, text: string, images: string[], base?: string, wish?: DockerfileWish][] = [
    ['of one FROM', 'FROM busybox:1.36\nRUN true\n', ['busybox:1.36'], 'busybox:1.36'],
    ['in any case and spacing', '  from\t  --platform=linux/amd64   a:1 \t as x\r\n', ['a:1'], 'a:1'],
    ['without scratch', 'FROM scratch\nCOPY a /\n', []],
    ['without stages', 'FROM a AS One\nFROM one\nFROM b AS two\nFROM TWO\n', ['a', 'b'], 'b'],
    ['each once', 'FROM a\nFROM a\nCOPY --from=a /x /\n', ['a'], 'a'],
    [
      'of COPY --from',
      'FROM a AS s\nFROM b\nCOPY --chown=1 --from=s x .\nCOPY --from=c x .',
      ['a', 'b', 'c'],
      'b',
    ],
    [
      'without numbers of stages',
      'FROM a\nFROM b\nCOPY --from=0 x .\nCOPY --from=9 x .',
      ['a', 'b', '9'],
      'b',
    ],
    ['of RUN --mount', 'FROM a\nRUN --mount=type=bind,from=q.io/b:1,target=/b true', ['a', 'q.io/b:1'], 'a'],
    ['of a later stage by name', 'FROM a\nCOPY --from=s x .\nFROM b AS s', ['a', 's', 'b'], 'b'],
    ['with ARGs', 'ARG V=1\nARG N="my app"\nFROM a:$V\nFROM b:${V}-x\n', ['a:1', 'b:1-x'], 'b:1-x'],
    ['with ARGs of ARGs', 'ARG A=q.io\nARG B=$A/x\nFROM ${B}:1', ['q.io/x:1'], 'q.io/x:1'],
    ['with build arguments', 'ARG V=1\nFROM a:$V', ['a:2'], 'a:2', { buildArgs: { V: '2' } }],
    ['with declared ones only', 'FROM a:${V:-1}', ['a:1'], 'a:1', { buildArgs: { V: '2' } }],
    ['with defaults', 'ARG E=\nFROM a:${X:-1}${E:-2}${E-3}${E:+4}${E+5}', ['a:125'], 'a:125'],
    ['with nested defaults', 'FROM a:${X:-${Y:-"z"}}', ['a:z'], 'a:z'],
    ['with ARGs before FROM only', 'FROM a\nARG V=1\nFROM b${V}', ['a', 'b'], 'b'],
    ['without what needs a build', 'FROM a:$TARGETARCH\nFROM ${X#y}\nFROM ${V:?no}\nFROM "$', []],
    ['with quotes', 'FROM "a":\'1\'', ['a:1'], 'a:1'],
    ['over several lines', 'FROM \\\n# a comment\n\n  a:1 \\ \n AS x\nRUN echo \\\nFROM b\n', ['a:1'], 'a:1'],
    ['not of text that goes on', 'FROM a\nRUN echo one \\\n  && echo \\\nFROM evil\n', ['a'], 'a'],
    ['with the escape directive', '# escape=`\nFROM a\nRUN dir c:\\\nFROM b`\n:1', ['a', 'b:1'], 'b:1'],
    ['with a directive too late', '# hello\n# escape=`\nFROM a`\n:1', []],
    ['not of comments', '#FROM x\n  # FROM y\nFROM a # c\n', ['a'], 'a'],
    ['not in a heredoc', 'FROM a\nRUN <<-EOF sh\n\tcat\nFROM evil\n\tEOF\nFROM b', ['a', 'b'], 'b'],
    ['behind two heredocs', 'FROM a\nCOPY <<A <<"B C" /x/\nFROM x\nA\nFROM y\nB C\nFROM b', ['a', 'b'], 'b'],
    ['behind what only looks like one', 'FROM a\nRUN echo $((1 <<2)) "<<X"\nFROM b', ['a', 'b'], 'b'],
    ['up to the target', 'FROM a AS x\nFROM b\nFROM c', ['a'], 'a', { target: 'X' }],
    ['up to a numbered target', 'FROM a\nFROM b\nFROM c', ['a', 'b'], 'b', { target: '1' }],
    ['with an unknown target', 'FROM a\nFROM b', ['a', 'b'], 'b', { target: 'nope' }],
    ['behind a byte order mark', '\uFEFFFROM a', ['a'], 'a'],
    ['of a name that no image has', 'FROM A//B\nFROM https://x', []],
    ['of nothing', '', []],
  ];
  for (const [what, text, images, base, wish] of cases)
    it(what, () => {
      const facts = readDockerfile(text, wish);
      expect(facts.images).to.deep.equal(images);
      expect(facts.base).to.equal(base);
    });

  it('does not grow with values that are made of values', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `ARG A${i + 1}=$A${i}$A${i}`).join('\n');
    expect(readDockerfile(`ARG A0=aa\n${doubling}\nFROM x:$A3\nFROM x:$A60`).images).to.deep.equal([
      `x:${'a'.repeat(16)}`,
    ]);
  });

  it('reads large and odd texts in linear time', () => {
    const many = 50_000;
    const texts = [
      'RUN <<A\n'.repeat(many),
      Array.from({ length: many }, (_, i) => `RUN <<N${i}`).join('\n'),
      `FROM ${'${A:-'.repeat(many)}`,
      `FROM ${' '.repeat(many)}${'\\ '.repeat(many)}`,
      `ARG A=${'"'.repeat(many)}'`,
      `#${' '.repeat(many)}x\n${'\\\n'.repeat(many)}`,
      `RUN --mount=${'from=a,'.repeat(many)}`,
    ];
    for (const text of texts) expect(readDockerfile(text).images).to.have.length.below(3);
  });

  it('never throws, and gives names of images only', () => {
    const words = 'FROM |ARG |COPY |RUN |ONBUILD |AS |--from=|--mount=|escape|syntax|\r\n'.split('|');
    const unit = fc.constantFrom(...words, ...Array.from('-<Aa=:${}+"\'\\`\n\t #,[é'));
    const text = fc.oneof(fc.string({ unit, maxLength: 80 }), fc.string({ unit: 'binary' }));
    const property = fc.property(text, fc.string(), (written, target) => {
      const { images, base } = readDockerfile(written, { target, buildArgs: { A: 'q.io/x' } });
      for (const image of images) expect(parseImageReference(image)).to.not.equal(undefined);
      expect(new Set(images).size).to.equal(images.length);
      if (base !== undefined) expect(images).to.include(base);
    });
    fc.assert(property, { numRuns: 3000 });
  });
});

describe('what a Dockerfile needs BuildKit for', () => {
  const cases: [text: string, need: string | undefined][] = [
    [
      'FROM a\nRUN true\nCOPY --from=b --chown=1:1 x .\nADD --chown=1 x .\nHEALTHCHECK --interval=5s CMD x',
      undefined,
    ],
    ['FROM a\n\n# c\nRUN --mount=type=cache,target=/c \\\n  make\n', 'RUN --mount in line 4'],
    ['FROM a\nRUN --network=none true', 'RUN --network in line 2'],
    ['FROM a\nRUN --security=insecure true', 'RUN --security in line 2'],
    ['FROM a\nCOPY --link x .', 'COPY --link in line 2'],
    ['FROM a\nCOPY --chmod=755 x .', 'COPY --chmod in line 2'],
    ['FROM a\nADD --checksum=sha256:1 x .', 'ADD --checksum in line 2'],
    ['FROM a\nRUN <<EOF\nx\nEOF', 'a heredoc of RUN in line 2'],
    ['FROM a\nRUN ["echo", "<<EOF"]\nEOF', undefined],
    ['FROM a\nRUN cat <<< x\nRUN echo "--mount=x"', undefined],
    ['# syntax=docker/dockerfile:1.4 x\nFROM a', '# syntax= in line 1'],
    ['# a comment\n# syntax=x\nFROM a', undefined],
    ['# escape=`\n#SYNTAX = x\nFROM a', '# syntax= in line 2'],
    ['FROM --platform=$BUILDPLATFORM a', 'FROM --platform=$BUILDPLATFORM in line 1'],
    ['FROM --platform=linux/amd64 a', undefined],
    ['FROM a\nARG TARGETARCH', 'ARG TARGETARCH in line 2'],
    ['FROM a\nARG TARGETARCH=amd64', undefined],
  ];
  for (const [text, need] of cases)
    it(JSON.stringify(text), () => expect(readDockerfile(text).needsBuildKit).to.equal(need));

  it('counts a build argument that stands for a variable of BuildKit', () => {
    const wish = { buildArgs: { TARGETARCH: 'amd64' } };
    expect(readDockerfile('FROM a\nARG TARGETARCH', wish).needsBuildKit).to.equal(undefined);
  });

  it('gives the image of the syntax', () => {
    expect(readDockerfile('# syntax = q.io/front:1 \nFROM a').syntax).to.equal('q.io/front:1');
    expect(readDockerfile('FROM a\n# syntax=x').syntax).to.equal(undefined);
  });
});
