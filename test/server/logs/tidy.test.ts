import { expect } from 'chai';
import { planOfDay } from '../../../server/room/logs/shared/tidy.ts';

const hour = 3_600_000;
const now = 100 * 24 * hour;
const mega = 1024 * 1024;
const past = {
  day: '1970-04-01',
  endsAt: now - 30 * 24 * hour,
  logs: 0,
  keptBytes: 0,
  removed: 9,
  removedSince: now - hour,
};

describe('what is done about a day of logs', () => {
  const cases = [
    ['all of it was removed', past, 'drop'],
    ['it had none', { ...past, removed: 0, removedSince: null }, 'drop'],
    ['it is not over', { ...past, endsAt: now + hour }, 'leave'],
    ['it has been over for an hour', { ...past, endsAt: now - hour }, 'leave'],
    ['its logs go one after the other', { ...past, logs: 1, keptBytes: 10 }, 'leave'],
    ['few stay of it', { ...past, logs: 1, keptBytes: mega, removedSince: now - 49 * hour }, 'drop'],
    ['many stay of it', { ...past, logs: 9, keptBytes: 99 * mega, removedSince: now - 49 * hour }, 'forget'],
    ['all of it stays', { ...past, logs: 9, keptBytes: 10, removed: 0, removedSince: null }, 'leave'],
  ] as const;
  for (const [what, day, plan] of cases)
    it(`is to ${plan} it where ${what}`, () => {
      expect(planOfDay(day, now, false)).to.equal(plan);
    });

  it('is more where somebody waits for the place', () => {
    expect(planOfDay({ ...past, logs: 1, keptBytes: 10 }, now, true)).to.equal('drop');
    expect(planOfDay({ ...past, logs: 1, keptBytes: 99 * mega }, now, true)).to.equal('forget');
    expect(planOfDay({ ...past, endsAt: now + hour }, now, true)).to.equal('forget');
    expect(planOfDay({ ...past, endsAt: now + hour, removed: 0 }, now, true)).to.equal('leave');
  });
});
