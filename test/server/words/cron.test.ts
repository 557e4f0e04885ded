import { expect } from 'chai';
import fc from 'fast-check';
import { cronProblem, isTimezone, nextTick, windowStart } from '../../../server/words/cron.ts';

const minuteMs = 60_000;
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const at = (text: string): number => Date.parse(text);
const ticks = (expression: string, zone: string, from: string, count: number): string[] => {
  const found: string[] = [];
  for (let time = at(from); found.length < count;) {
    time = nextTick(expression, zone, time) ?? NaN;
    found.push(new Date(time).toISOString().slice(0, 16));
  }
  return found;
};

describe('cron', () => {
  it('takes five fields that name a minute which comes', () => {
    for (const good of ['*/5 * * * *', '0 3 * * 1', '0 0 29 2 *', '0 9-17 * * MON-FRI', ' 1,2  3 * * * '])
      expect(cronProblem(good), good).to.equal(undefined);
    for (const bad of [
      '',
      'not cron',
      '* * * *',
      '* * * * * *',
      '@daily',
      '60 * * * *',
      '0 0 31 2 *',
      'a b c d e',
    ])
      expect(cronProblem(bad), bad).to.be.a('string');
  });

  it('knows time zones by their names', () => {
    expect(['Europe/Berlin', 'UTC', 'America/New_York'].every(isTimezone)).to.equal(true);
    expect(['Nope/X', '', '+01:00', 'Europe/Berlin\0'].some(isTimezone)).to.equal(false);
  });

  it('ticks once on the day when the clock leaves the time out', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3)).to.deep.equal([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
    expect(ticks('30 2 * * *', 'America/New_York', '2026-03-07T00:00Z', 3)).to.deep.equal([
      '2026-03-07T07:30',
      '2026-03-08T07:00',
      '2026-03-09T06:30',
    ]);
  });

  it('ticks once on the day when the clock shows the time twice', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).to.deep.equal([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(ticks('30 1 * * *', 'America/New_York', '2026-11-01T00:00Z', 2)).to.deep.equal([
      '2026-11-01T05:30',
      '2026-11-02T06:30',
    ]);
  });

  it('follows the clock where it ticks all day', () => {
    const hours = ticks('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', 4);
    expect(hours).to.deep.equal([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
      '2026-10-25T03:00',
    ]);
  });

  it('gives a whole minute after the time that was asked for, and lets none out', () => {
    const field = (least: number, most: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: least, max: most }).map(String),
        fc.integer({ min: 2, max: 6 }).map((step) => `*/${step}`),
      );
    const expression = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6));
    // Around both changes of the clock of 2026, and elsewhere.
    const time = fc.oneof(
      fc.integer({ min: at('2026-03-07T00:00Z'), max: at('2026-03-30T00:00Z') }),
      fc.integer({ min: at('2026-10-24T00:00Z'), max: at('2026-11-03T00:00Z') }),
      fc.integer({ min: 0, max: at('2040-01-01T00:00Z') }),
    );
    fc.assert(
      fc.property(expression, fc.constantFrom(...zones), time, (fields, zone, after) => {
        const text = fields.join(' ');
        const next = nextTick(text, zone, after);
        if (next === null) throw new Error(`${text} ends`);
        expect(next).to.be.greaterThan(after);
        expect(next % minuteMs).to.equal(0);
        expect(nextTick(text, zone, next - 1), 'the same tick').to.equal(next);
        expect(windowStart(text, zone, next + 59_999), 'open all the minute').to.equal(next + 59_999);
        const start = windowStart(text, zone, after);
        expect(start === after || start === next).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it('starts at once inside a window, and when it opens otherwise', () => {
    const now = at('2026-05-05T10:00:30.500Z');
    expect(windowStart('* * * * *', 'UTC', now)).to.equal(now);
    expect(windowStart('0 10 * * *', 'UTC', now)).to.equal(now);
    expect(windowStart('* 22-23 * * *', 'UTC', now)).to.equal(at('2026-05-05T22:00Z'));
    expect(windowStart('0 0 1 1 *', 'UTC', now)).to.equal(at('2027-01-01T00:00Z'));
    // Both of the two hours that the clock calls 2 are in the window.
    expect(windowStart('30 2 * * *', 'Europe/Berlin', at('2026-10-25T00:30Z'))).to.equal(
      at('2026-10-25T00:30Z'),
    );
    expect(windowStart('30 2 * * *', 'Europe/Berlin', at('2026-10-25T01:30Z'))).to.equal(
      at('2026-10-25T01:30Z'),
    );
  });
});
