import { expect } from 'chai';
import fc from 'fast-check';
import { addressProblem, isPublicAddress } from '../../../server/words/endpointAddress.ts';

const problem = (url: string) => addressProblem(url, false);

describe('the address of an endpoint', () => {
  for (const url of [
    'http://example.com',
    'https://example.com/hook?x=1#y',
    'HTTPS://EXAMPLE.com:8443/x',
    'http://example.com:80/',
    'https://93.184.215.14/x',
    'http://[2606:4700::1111]:9000/',
    'http://xn--bcher-kva.example/',
    'http://localhost.example.com/',
  ])
    it(`takes ${url}`, () => {
      expect(problem(url)).to.equal(undefined);
    });

  for (const url of ['not-a-url', '', 'http://', 'http:///x', 'http:x', 'https:?x', '//example.com', '/x'])
    it(`refuses ${JSON.stringify(url)}, which is no absolute URL`, () => {
      expect(problem(url)).to.equal('it is not an absolute http or https URL');
    });

  it('refuses other schemes, also in one’s own network', () => {
    for (const url of [
      'ftp://example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'unix:/x',
      'ws://h/',
    ])
      expect(addressProblem(url, true)).to.equal('scheme must be http or https');
  });

  it('refuses what parsers repair in different ways', () => {
    for (const url of [
      'http:\\\\10.0.0.1',
      ' http://example.com',
      'http://exa\tmple.com',
      'http://a\\@b/',
      'http://a b',
    ])
      expect(addressProblem(url, true)).to.match(/backslash/);
  });

  it('refuses a user name or password', () => {
    for (const url of ['https://u:p@example.com/', 'https://example.com@10.0.0.1/', 'http://:p@h/'])
      expect(addressProblem(url, true)).to.match(/user name or password/);
  });

  it('takes the ports that services have, and no other', () => {
    for (const port of [80, 443, 8080, 8443, 3000, 4000, 5000, 9000])
      expect(problem(`http://example.com:${port}/`)).to.equal(undefined);
    for (const port of [0, 22, 25, 6379, 5432, 11_211, 9001, 65_535])
      expect(problem(`https://example.com:${port}/x`)).to.equal(`port ${port} is not allowed`);
  });

  for (const host of [
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '172.31.255.255',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '[::1]',
    '[::]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fe80::1]',
    '[ff02::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::10.0.0.1]',
    '[64:ff9b:1::1]',
    '[2002:7f00:1::]',
    '[2002:c0a8:101::1]',
    '[2001:0:53aa:64c:0:0:0:1]',
    '[2001:db8::1]',
  ])
    it(`refuses ${host}`, () => {
      expect(problem(`http://${host}/`)).to.match(/is a private or reserved address$/);
      expect(addressProblem(`http://${host}:6379/`, true)).to.equal(undefined);
    });

  for (const host of [
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '１２７.０.０.１',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '0xA9FEA9FE',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::FFFF:127.0.0.1]',
  ])
    it(`refuses the odd notation ${host}`, () => {
      expect(problem(`http://${host}/`)).to.match(/is a private or reserved address$/);
    });

  for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'a.b.localhost', 'metadata.google.internal'])
    it(`refuses the name ${host}`, () => {
      expect(problem(`http://${host}/`)).to.match(/^host .* is not allowed$/);
    });
});

describe('a public address', () => {
  const v4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'));

  it('is the same however IPv6 stands for it', () => {
    fc.assert(
      fc.property(v4, (ip) => {
        const isPublic = isPublicAddress(ip);
        expect(isPublicAddress(`::ffff:${ip}`)).to.equal(isPublic);
        expect(isPublicAddress(`64:ff9b::${ip}`)).to.equal(isPublic);
        const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number);
        const hex = (high: number, low: number) => (high * 256 + low).toString(16);
        expect(isPublicAddress(`2002:${hex(a, b)}:${hex(c, d)}::1`)).to.equal(isPublic);
      }),
    );
  });

  it('is the same as a literal of a URL and as an address of a name', () => {
    fc.assert(
      fc.property(fc.oneof(v4, fc.ipV6()), (ip) => {
        const host = ip.includes(':') ? `[${ip}]` : ip;
        expect(problem(`http://${host}/`) === undefined).to.equal(isPublicAddress(ip));
      }),
    );
  });

  it('is nothing else', () => {
    for (const text of ['', 'example.com', '1.2.3', '::1%lo', 'fe80::1%eth0'])
      expect(isPublicAddress(text)).to.equal(false);
    expect(isPublicAddress('8.8.8.8')).to.equal(true);
    expect(isPublicAddress('2606:4700:4700::1111')).to.equal(true);
  });
});
