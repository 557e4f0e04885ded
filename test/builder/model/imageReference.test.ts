import { expect } from 'chai';
import fc from 'fast-check';
import { isLoopbackHost, parseImageReference } from '../../../builder/model/imageReference.ts';

const sha = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('image reference', () => {
  const cases: [text: string, host: string, path: string, rest?: { tag?: string; digest?: string }][] = [
    ['busybox', 'docker.io', 'library/busybox'],
    ['busybox:1.36', 'docker.io', 'library/busybox', { tag: '1.36' }],
    ['acme/app', 'docker.io', 'acme/app'],
    ['docker.io/busybox', 'docker.io', 'library/busybox'],
    ['index.docker.io/acme/app', 'docker.io', 'acme/app'],
    ['quay.io/acme/app:v1', 'quay.io', 'acme/app', { tag: 'v1' }],
    ['Quay.IO/acme/app', 'quay.io', 'acme/app'],
    ['localhost/app', 'localhost', 'app'],
    ['localhost:5000/a/b/c', 'localhost:5000', 'a/b/c'],
    ['127.0.0.1:5000/app:1', '127.0.0.1:5000', 'app', { tag: '1' }],
    ['[::1]:5000/app', '[::1]:5000', 'app'],
    [`busybox@${sha}`, 'docker.io', 'library/busybox', { digest: sha }],
    [`r.example/a_b/c__d-e.f:x@${sha}`, 'r.example', 'a_b/c__d-e.f', { tag: 'x', digest: sha }],
  ];
  for (const [text, host, path, rest = {}] of cases)
    it(`${text} is ${path} of ${host}`, () => {
      const name = text.split('@')[0]?.replace(/:[^:/\]]*$/, '');
      expect(parseImageReference(text)).to.deep.equal({ host, path, name, ...rest });
    });

  const refused = [
    '',
    'UPPER',
    'Acme/app',
    'a//b',
    '/a',
    'a/',
    'a:',
    'a@',
    'a b',
    'a:b:c',
    '-a',
    'a_.b',
    'quay.io/Acme/app',
    'quay.io:x/app',
    'a:-x',
    `a:${'x'.repeat(129)}`,
    'a'.repeat(256),
    'a@sha256:12',
    '0'.repeat(64),
    'https://quay.io/app',
    '$IMAGE',
    'évil/x',
  ];
  for (const text of refused)
    it(`"${text.slice(0, 20)}" is none`, () => expect(parseImageReference(text)).to.equal(undefined));

  it('never throws, and what it gives can be put together again', () => {
    const unit = fc.constantFrom(
      'a',
      'B',
      '0',
      '.',
      ':',
      '/',
      '@',
      '_',
      '-',
      '[',
      ']',
      'localhost',
      sha,
      'é',
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 30 }), fc.string({ unit: 'binary' }));
    const property = fc.property(text, (written) => {
      const read = parseImageReference(written);
      if (!read) return;
      const { host, path, tag, digest, name } = read;
      const end = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
      expect(name + end).to.equal(written);
      expect(parseImageReference(`${host}/${path}${end}`)).to.include({ host, path });
      expect(host).to.equal(host.toLowerCase());
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('loopback hosts', () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '127.9.8.7:80', '[::1]', '[::1]:5000'])
    it(`${host} is one`, () => expect(isLoopbackHost(host)).to.equal(true));
  for (const host of ['127.0.0.1.example', 'localhost.example', '10.0.0.1:5000', '128.0.0.1', '127.example'])
    it(`${host} is none`, () => expect(isLoopbackHost(host)).to.equal(false));
});
