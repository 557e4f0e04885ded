import { expect } from 'chai';
import { patientReport } from '../../server/patientReport.ts';
import { Problem } from '../../server/words/problems.ts';
import { CommitUnknown, StoreUnavailable } from '../../server/words/storeUnavailable.ts';

describe('the report of a process whose store is away', () => {
  let told: unknown[][];
  let now: number;
  const say =
    (level: string) =>
    (fields: object, sentence: string): void =>
      void told.push([level, { ...fields }, sentence]);
  const report = patientReport({ info: say('info'), warn: say('warn'), error: say('error') }, () => now);
  beforeEach(() => {
    told = [];
    now += 1_000_000;
  });
  before(() => {
    now = 0;
  });

  it('says once a minute what fails for it, and why, without a stack', () => {
    const error = new StoreUnavailable('nobody listens there');
    for (let second = 0; second < 61; second++, now += 1000) {
      report.error({ error }, 'claiming failed');
      report.warn({ error: new Problem('unavailable', 'no', { cause: error }), run: 'r' }, 'not read');
    }
    const why = 'nobody listens there';
    const once = [
      ['error', { error: undefined, why }, 'claiming failed'],
      ['warn', { error: undefined, why, run: 'r' }, 'not read'],
    ];
    expect(told).to.deep.equal([...once, ...once]);
  });

  it('says all else each time, and each write that nobody knows the end of', () => {
    const error = new Error('a fault');
    for (let time = 0; time < 2; time++) {
      report.error({ error }, 'claiming failed');
      report.error({ error: new CommitUnknown('it broke off') }, 'not ended');
      report.warn({ name: 'x' }, 'look at it');
      report.info({}, 'listens');
    }
    expect(told.map(([level, , sentence]) => [level, sentence])).to.deep.equal(
      [1, 2].flatMap(() => [
        ['error', 'claiming failed'],
        ['error', 'not ended'],
        ['warn', 'look at it'],
        ['info', 'listens'],
      ]),
    );
    expect(told[0]?.[1]).to.deep.equal({ error });
  });
});
