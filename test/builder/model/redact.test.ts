import { expect } from 'chai';
import fc from 'fast-check';
import { createLineAssembler } from '../../../builder/model/lines.ts';
import { createRedactor } from '../../../builder/model/redact.ts';

const token = 'gh/p+T0k en~"é<7>';

function redact(secrets: readonly string[], text: string): string {
  return createRedactor(secrets)(text);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('redactor', () => {
  it('gives the very same block back when there are no secrets', () => {
    const block = 'a\nb\n';
    expect(createRedactor([])(block)).to.equal(block);
    expect(redact(['', 'abc', 'true', 'NULL', '   \n  '], 'abc is true, not null\n')).to.equal(
      'abc is true, not null\n',
    );
  });

  it('masks a secret wherever it stands', () => {
    expect(redact(['s3cret'], 'a s3cret\ns3crets3cret=1\n')).to.equal('a ********\n****************=1\n');
  });

  it('reads a secret as text, not as a pattern', () => {
    expect(redact(['a.c*(d'], 'a.c*(d abcd\n')).to.equal('******** abcd\n');
  });

  it('masks the base64 forms, also inside user:secret and behind any bytes', () => {
    for (const before of ['', 'x', 'xy', 'user:', 'x-access-token:']) {
      for (const after of ['', '\n', '!!']) {
        const encoded = base64(before + token + after);
        const url = Buffer.from(before + token + after).toString('base64url');
        for (const text of [encoded, url]) {
          const left = redact([token], text).replace('********', '');
          expect(left.length, `${before}|${after}`).to.be.at.most(
            text.length - Math.floor((token.length * 4) / 3) + 4,
          );
        }
      }
    }
  });

  it('masks base64 that is broken into lines', () => {
    const long = 'abcdefghij0123456789'.repeat(12);
    const lines = base64(long).replaceAll(/.{76}/g, '$&\n');
    expect(redact([long], `${lines}\n`)).to.match(/^(\*{8}=?\n)+$/);
  });

  it('masks the URL-encoded forms', () => {
    const encoded = encodeURIComponent(token);
    const lower = encoded.replaceAll(/%../g, (hex) => hex.toLowerCase());
    for (const form of [encoded, lower, encoded.replaceAll('%20', '+')])
      expect(redact([token], `https://u:${form}@host/\n`)).to.equal('https://u:********@host/\n');
  });

  it('masks the JSON-escaped forms', () => {
    const json = JSON.stringify({ token });
    expect(redact([token], json)).to.equal('{"token":"********"}');
    expect(redact([token], json.replaceAll('/', '\\/'))).to.equal('{"token":"********"}');
    expect(redact([token], json.replaceAll('é', '\\u00e9'))).to.equal('{"token":"********"}');
  });

  it('masks a secret of several lines whole and line by line', () => {
    const pem = '-----BEGIN KEY-----\r\nMIIEvgIBADAN\r\nab\r\n-----END KEY-----\r\n';
    expect(redact([pem], 'x MIIEvgIBADAN y\n')).to.equal('x ******** y\n');
    expect(redact(['line one\nab\nline three'], 'line one\nab\nline three\n')).to.equal(
      '********\n********\n********\n',
    );
  });

  it('masks the values of a list of names and values', () => {
    expect(redact(['USER=hello\nexport PASS="w0rd w0rd"\n'], 'hello / w0rd w0rd\n')).to.equal(
      '******** / ********\n',
    );
  });

  const lines: [secret: string, password: string][] = [
    ['NPM_TOKEN=npm_1234', 'npm_1234'],
    ['//registry.example/:_authToken=npm_1234', 'npm_1234'],
    ['robot$acme+ci:pa:ss', 'pa:ss'],
    ['postgres://user:pa55word@db/x', 'pa55word'],
    ['machine git.example login me password s3cret-1', 's3cret-1'],
  ];
  for (const [secret, password] of lines)
    it(`masks the password in ${secret}`, () => {
      expect(redact([secret], `it is ${password}.\n`)).to.equal('it is ********.\n');
    });

  it('masks what is there of a secret that was cut with its line', () => {
    const cut = (text: string) => `${text} … [cut: 12 bytes]\n`;
    expect(redact([token], cut('x gh/p+T0'))).to.equal(cut('x ********'));
    expect(redact([token], cut(`x ${token}`))).to.equal(cut('x ********'));
    expect(redact([token], cut('x gh/'))).to.equal(cut('x gh/'));
    expect(redact([token], `gh/p+T0\n${cut('y')}`)).to.equal(`gh/p+T0\n${cut('y')}`);
    expect(redact([token, 'p+T0-other'], cut('gh/p+T0'))).to.equal(cut('********'));
  });

  it('masks secrets that overlap, and the longer of two with one beginning', () => {
    expect(redact(['xxabcd', 'abcdefghijkl'], '<xxabcdefghijkl>')).to.equal('<********>');
    expect(redact(['abcd', 'abcdefgh'], '<abcdefgh>')).to.equal('<********>');
  });

  it('never lets a secret through, however the output is split into pieces', () => {
    const char = fc.constantFrom('a', 'b', '/', '+', ' ', '"', '\\', 'é', '%', '=');
    const secret = fc
      .string({ unit: char, minLength: 4, maxLength: 12 })
      .filter((text) => text.trim().length >= 4);
    const noise = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '/'), maxLength: 20 });
    const form = fc.constantFrom(
      (s: string) => s,
      (s: string) => encodeURIComponent(s),
      (s: string) => JSON.stringify(s).slice(1, -1),
      (s: string) => base64(s).replace(/.?=+$/, ''),
    );
    const property = fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(noise, fc.nat(2), form), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (secrets, parts, cuts) => {
        const shown = parts.map(([before, which, encode]) => [
          before,
          encode(secrets[which % secrets.length] ?? ''),
        ]);
        const output = throughPieces(secrets, shown.flat().join(''), cuts);
        for (const [, text] of shown) expect(output).to.not.include(text);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});

function throughPieces(secrets: string[], text: string, cuts: number[]): string {
  const redactBlock = createRedactor(secrets);
  let output = '';
  const lines = createLineAssembler((_, block) => (output += redactBlock(block)));
  const borders = [0, ...cuts.toSorted((a, b) => a - b), text.length];
  borders.slice(1).forEach((border, i) => lines.write('stdout', text.slice(borders[i], border)));
  lines.end();
  return output;
}
