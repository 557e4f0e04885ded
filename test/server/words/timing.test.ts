import { expect } from 'chai';
import { tickAfter, tickCounts } from '../../../server/words/ticks.ts';
import { attemptTimeoutMs, earliestStart, expiryOf } from '../../../server/words/timing.ts';

const at = (text: string) => Date.parse(text);

describe('timing', () => {
  it('an execution window puts a start off to its next minute, in its time zone', () => {
    const noon = at('2026-06-01T12:00:30Z');
    expect(earliestStart({}, noon)).to.equal(noon);
    expect(earliestStart({ executionWindowCron: '* * * * *' }, noon)).to.equal(noon);
    expect(earliestStart({ executionWindowCron: '0 0 1 1 *' }, noon)).to.equal(at('2027-01-01T00:00:00Z'));
    const berlin = { executionWindowCron: '0 3 * * *', timezone: 'Europe/Berlin' };
    expect(earliestStart(berlin, noon)).to.equal(at('2026-06-02T01:00:00Z'));
    expect(earliestStart({ executionWindowCron: '0 3 * * *', timezone: 'No/Where' }, noon)).to.equal(
      undefined,
    );
  });

  it('an HTTP run expires a minute after its timeout, a build only where that is asked for', () => {
    const expiring = { definition: {}, ttlSecs: undefined, timeoutMs: 60_000, waits: false };
    expect(expiryOf({ ...expiring, kind: 'http' }, 1000)).to.equal(121_000);
    expect(expiryOf({ ...expiring, kind: 'image' }, 1000)).to.equal(undefined);
    expect(expiryOf({ ...expiring, kind: 'image', ttlSecs: 5 }, 1000)).to.equal(6000);
    const ofJob = { ...expiring, definition: { runTtlSecs: 600 } };
    expect(expiryOf({ ...ofJob, kind: 'http' }, 1000)).to.equal(601_000);
    expect(expiryOf({ ...ofJob, kind: 'http', ttlSecs: 5 }, 1000)).to.equal(6000);
    for (const kind of ['image', 'http'] as const) {
      expect(expiryOf({ ...expiring, kind, waits: true }, 0)).to.equal(24 * 3_600_000);
      expect(expiryOf({ ...expiring, kind, waits: true, ttlSecs: 5 }, 0)).to.equal(5000);
    }
  });

  it('an attempt lasts as long as its job says, else as is usual for its kind', () => {
    expect(attemptTimeoutMs('http', {}, 1800)).to.equal(300_000);
    expect(attemptTimeoutMs('image', {}, 1800)).to.equal(1_800_000);
    expect(attemptTimeoutMs('image', { timeoutSecs: 7 }, 1800)).to.equal(7000);
  });

  it('ticks that were missed are one, or none', () => {
    expect(tickCounts(0, 60_000, 'none')).to.equal(true);
    expect(tickCounts(0, 60_001, 'none')).to.equal(false);
    expect(tickCounts(0, 1e9, 'one')).to.equal(true);
  });

  it('the next tick lies after now, however many were missed', () => {
    const hourly = { cron: '0 * * * *' };
    const tick = at('2026-06-01T12:00:00Z');
    expect(tickAfter(hourly, tick, tick)).to.equal(at('2026-06-01T13:00:00Z'));
    expect(tickAfter(hourly, tick, at('2026-06-03T05:30:00Z'))).to.equal(at('2026-06-03T06:00:00Z'));
    // A clock that was set back makes no tick come twice.
    expect(tickAfter(hourly, tick, tick - 7_200_000)).to.equal(at('2026-06-01T13:00:00Z'));
    expect(tickAfter({}, tick, tick)).to.equal(null);
    expect(tickAfter({ cron: '0 0 30 2 *' }, tick, tick)).to.equal(null);
    expect(tickAfter({ ...hourly, timezone: 'No/Where' }, tick, tick)).to.equal(null);
  });
});
