import { expect } from 'chai';
import { ConfigError } from '../../../server/config/mistakes.ts';
import { before } from '../../../server/config/retentionSchema.ts';
import { checkSettings } from '../../../server/config/settingsSchema.ts';

function mistakesOf(retention: unknown): string[] {
  try {
    checkSettings({ retention });
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(({ place }) => place);
    throw error;
  }
  return [];
}

describe('the settings of retention', () => {
  it('go down to four fifths where nothing is said', () => {
    const dataOf = (data: object) => checkSettings({ retention: { data } }).settings.retention.data;
    expect(dataOf({ highBytes: 1000 })).to.deep.equal({ highBytes: 1000, lowBytes: 800 });
    expect(dataOf({ highBytes: 1000, lowBytes: 0 })).to.deep.equal({ highBytes: 1000, lowBytes: 0 });
  });

  it('tell every mistake with its place', () => {
    expect(
      mistakesOf({ runs: { maxAgeDays: -1 }, logs: { days: 3 }, data: { highBytes: 1, lowBytes: 2 } }),
    ).to.have.members(['retention.runs.maxAgeDays', 'retention.logs.days', 'retention.data.lowBytes']);
    expect(mistakesOf({ images: { keepPerJob: 1.5 }, mirrors: { unusedDays: '3' } })).to.have.members([
      'retention.images.keepPerJob',
      'retention.mirrors.unusedDays',
    ]);
  });

  it('take 0 for no limit, and parts of a day', () => {
    expect(before(0, 1000)).to.equal(undefined);
    expect(before(0.5, 43_200_001)).to.equal(1);
  });
});
