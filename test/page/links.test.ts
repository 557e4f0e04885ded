import { expect } from 'chai';
import fc from 'fast-check';
import { splitLinks } from '../../public/page/log/links.js';

const linksIn = (text: string) => splitLinks(text).flatMap(({ href }) => (href === undefined ? [] : [href]));

describe('page: links in a log', () => {
  it('loses no text', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('https://a.example/', 'http://', '(', ')', '.', ' ', 'javascript:'),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = words.join('');
        expect(
          splitLinks(text)
            .map((piece) => piece.text)
            .join(''),
        ).to.equal(text);
      }),
    );
  });

  it('finds http and https addresses without the punctuation around them', () => {
    expect(linksIn('see https://a.example/x?y=1#z, or (http://b.example:80/p).')).to.deep.equal([
      'https://a.example/x?y=1#z',
      'http://b.example:80/p',
    ]);
    expect(linksIn('https://a.example/wiki/Log_(file)')).to.deep.equal(['https://a.example/wiki/Log_(file)']);
  });

  it('makes no link of anything else', () => {
    expect(
      linksIn('javascript:alert(1) data:text/html,x ftp://a.example file:///etc/passwd https:// http://['),
    ).to.be.empty;
  });
});
