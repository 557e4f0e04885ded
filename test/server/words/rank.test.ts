import { expect } from 'chai';
import { rankOf } from '../../../server/words/rank.ts';

const minute = 60_000;

describe('the rank of an attempt', () => {
  it('is the time when it could start, less five minutes for each step of priority', () => {
    expect(rankOf(0, 1000)).to.equal(1000);
    expect(rankOf(3, 1000)).to.equal(1000 - 15 * minute);
  });

  it('lets nothing starve: after 50 minutes the lowest priority goes before a new highest', () => {
    const now = 1e9;
    expect(rankOf(10, now)).to.be.lessThan(rankOf(0, now - 49 * minute));
    expect(rankOf(0, now - 51 * minute)).to.be.lessThan(rankOf(10, now));
  });
});
