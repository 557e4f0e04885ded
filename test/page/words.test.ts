import { expect } from 'chai';
import { ago, bytes, duration, short, timeOf } from '../../public/page/format.js';
import { filterText, parseFilter } from '../../public/page/list/filter.js';
import { pauseBefore } from '../../public/page/pause.js';
import { jobHash, listHash, parseRoute } from '../../public/page/router.js';

describe('page: addresses', () => {
  it('name a job, and a line of its log', () => {
    expect(parseRoute(jobHash('01-ab'))).to.deep.equal({ view: 'job', id: '01-ab', line: undefined });
    expect(parseRoute(jobHash('a b/c', 123))).to.deep.equal({ view: 'job', id: 'a b/c', line: 123 });
  });

  it('name the workers', () => {
    expect(parseRoute('#/workers')).to.deep.equal({ view: 'workers' });
  });

  it('keep the filter of the list', () => {
    const query = { account: 'acme', ref: 'feature/x y' };
    expect(parseRoute(listHash(query))).to.deep.equal({ view: 'list', query });
    for (const hash of ['', '#', '#/', '#/jobs/', '#/unknown'])
      expect(parseRoute(hash).view).to.equal('list');
  });
});

describe('page: the filter field', () => {
  it('reads what people type', () => {
    expect(parseFilter('acme/shop ref:feature/x status:errored')).to.deep.equal({
      account: 'acme',
      repo: 'shop',
      ref: 'feature/x',
      status: 'errored',
    });
    expect(parseFilter('  shop ')).to.deep.equal({ repo: 'shop' });
    expect(parseFilter('acme/')).to.deep.equal({ account: 'acme' });
    expect(parseFilter('ref: evil:x')).to.deep.equal({ repo: 'evil:x' });
  });

  it('writes what it reads the same way', () => {
    for (const filter of [
      {},
      { repo: 'shop' },
      { account: 'a', repo: 'b' },
      { account: 'a' },
      { repo: 'x:y' },
      { ref: 'a/b' },
    ])
      expect(parseFilter(filterText(filter))).to.deep.equal(filter);
  });
});

describe('page: times and sizes', () => {
  it('are short and readable', () => {
    expect(timeOf('0001-01-01T00:00:00Z')).to.equal(undefined);
    expect(timeOf('2014-07-06T13:58:59Z')).to.equal(Date.UTC(2014, 6, 6, 13, 58, 59));
    expect([0, 950, 12_345, 68_000, 3_720_000].map(duration)).to.deep.equal([
      '0.0 s',
      '0.9 s',
      '12 s',
      '1 min 08 s',
      '1 h 02 min',
    ]);
    expect([0, 30_000, 3_600_000, 86_400_000 * 3].map((past) => ago(0, past))).to.deep.equal([
      'just now',
      '30 s ago',
      '1 h ago',
      '3 d ago',
    ]);
    expect([0, 999, 1000, 214_300_000, 999_999].map(bytes)).to.deep.equal([
      '0 B',
      '999 B',
      '1.00 kB',
      '214 MB',
      '1.00 MB',
    ]);
    expect(short('sha256:0123456789abcdef')).to.equal('0123456789ab');
  });

  it('wait longer after each failed try, up to half a minute', () => {
    expect([1, 2, 3, 4, 20].map((tries) => pauseBefore(tries, 0.5))).to.deep.equal([
      500, 1000, 2000, 4000, 30_000,
    ]);
  });
});
