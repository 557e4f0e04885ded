import { expect } from 'chai';
import fc from 'fast-check';
import { isSameMinute, tickAfter } from '../../../server/words/ticks.ts';

const minuteMs = 60_000;
const zones = ['', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const expressions = ['* * * * *', '*/7 * * * *', '30 2 * * *', '30 1 * * *', '0 1-3 * * *', '15 */2 28 * 1'];

describe('a tick', () => {
  it('is followed by the same one, whenever in its minute that is asked', () => {
    const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'];
    const day = fc.constantFrom(...changes).map((date) => Date.parse(date));
    const time = fc.tuple(day, fc.integer({ min: -1440, max: 2880 })).map(([at, by]) => at + by * minuteMs);
    const cron = fc.constantFrom(...expressions);
    fc.assert(
      fc.property(
        cron,
        fc.constantFrom(...zones),
        time,
        fc.nat(minuteMs - 1),
        (text, timezone, from, later) => {
          const job = { cron: text, timezone };
          const tick = tickAfter(job, from, from) ?? 0;
          expect(isSameMinute(tick, tick + later)).to.equal(true);
          expect(tickAfter(job, tick, tick + later)).to.equal(tickAfter(job, tick, tick));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is in another minute than what comes before it or after', () => {
    expect(isSameMinute(minuteMs, minuteMs - 1)).to.equal(false);
    expect(isSameMinute(minuteMs, 2 * minuteMs)).to.equal(false);
  });
});
