import { expect } from 'chai';
import { type Sent, verdictOf } from '../../../server/room/notify/verdict.ts';

const answered = (status: number, wish: Partial<Extract<Sent, { kind: 'answered' }>> = {}): Sent => ({
  kind: 'answered',
  status,
  excerpt: '',
  ...wish,
});
const judge = (sent: Sent, tried = 1, jitter = 0) => verdictOf(sent, { tried, maxTries: 6, jitter }, 1000);
const pauseAfter = (tried: number, sent = answered(500), jitter = 0) =>
  ((judge(sent, tried, jitter).nextAt ?? NaN) - 1000) / 1000;

describe('what follows from a try of a webhook', () => {
  it('is delivered after any 2xx', () => {
    for (const status of [200, 201, 202, 204, 299])
      expect(judge(answered(status), 6)).to.deep.equal({
        state: 'delivered',
        nextAt: null,
        status,
        error: null,
      });
  });

  it('is dead after a refusal that another try does not change', () => {
    for (const status of [400, 401, 403, 404, 410, 422])
      expect(judge(answered(status))).to.include({ state: 'dead', nextAt: null, status });
    expect(judge({ kind: 'unsent', error: 'refused', isFinal: true })).to.deep.equal({
      state: 'dead',
      nextAt: null,
      status: null,
      error: 'refused',
    });
  });

  it('is another try after what may pass, until there are none left', () => {
    const passing = [
      answered(408),
      answered(425),
      answered(429),
      answered(500),
      answered(503),
      answered(302),
    ];
    const silent: Sent = { kind: 'unsent', error: 'no answer', isFinal: false };
    for (const sent of [...passing, silent]) {
      expect(judge(sent, 5).state).to.equal('pending');
      expect(judge(sent, 6)).to.include({ state: 'dead', nextAt: null });
    }
  });

  it('waits longer each time, a little more or less', () => {
    expect([1, 2, 3, 4, 5].map((tried) => pauseAfter(tried))).to.deep.equal([5, 25, 120, 600, 3600]);
    expect(pauseAfter(1, answered(500), 1)).to.equal(6);
    expect(pauseAfter(1, answered(500), -1)).to.equal(4);
  });

  it('waits as long as the receiver asks for, at most an hour', () => {
    expect(pauseAfter(1, answered(429, { retryAfterMs: 60_000 }))).to.equal(60);
    expect(pauseAfter(3, answered(503, { retryAfterMs: 60_000 }))).to.equal(120);
    expect(pauseAfter(1, answered(503, { retryAfterMs: 86_400_000 }))).to.equal(3600);
  });

  it('says what the receiver said', () => {
    expect(judge(answered(500)).error).to.equal('the receiver answered 500');
    expect(judge(answered(500, { excerpt: 'no room' })).error).to.equal('the receiver answered 500: no room');
  });
});
