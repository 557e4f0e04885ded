import { expect } from 'chai';
import type { SupersedePolicy } from '../../../server/words/job.ts';
import type { Run } from '../../../server/words/run.ts';
import { supersessions } from '../../../server/words/supersede.ts';

// Of a run only what the policies ask for.
const run = (key: number, state: Run['state'], startedAt: number | null = null) =>
  ({ key, state, startedAt }) as Run;

const running = run(1, 'running', 5);
const retrying = run(2, 'queued', 6);
const fresh = run(3, 'queued');
const others = [running, retrying, fresh];

function canceled(policy: SupersedePolicy, newest: Run, beside: readonly Run[] = others): number[] {
  return supersessions(policy, newest, beside).map(({ run: { key } }) => key);
}

describe('supersede policies', () => {
  it('queue and round_robin let all of them stay', () => {
    for (const policy of ['queue', 'round_robin'] as const) {
      expect(canceled(policy, run(9, 'queued'))).to.deep.equal([]);
      expect(canceled(policy, run(9, 'queued', 7))).to.deep.equal([]);
    }
  });

  it('cancel_in_progress cancels all that came before', () => {
    expect(canceled('cancel_in_progress', run(9, 'queued'))).to.deep.equal([1, 2, 3]);
  });

  it('cancel_queued cancels those that have not started', () => {
    expect(canceled('cancel_queued', run(9, 'queued'))).to.deep.equal([3]);
  });

  it('keep_newest_queued cancels all that wait', () => {
    expect(canceled('keep_newest_queued', run(9, 'queued'))).to.deep.equal([2, 3]);
  });

  it('a run that is tried again takes nobody’s place, and gives way under keep_newest_queued', () => {
    const again = run(9, 'queued', 7);
    expect(canceled('cancel_in_progress', again)).to.deep.equal([]);
    expect(canceled('cancel_queued', again)).to.deep.equal([]);
    expect(supersessions('keep_newest_queued', again, [fresh])).to.deep.equal([{ run: again, by: fresh }]);
    const fresher = run(4, 'queued');
    expect(supersessions('keep_newest_queued', again, [fresh, fresher])).to.deep.equal([
      { run: again, by: fresher },
    ]);
    expect(canceled('keep_newest_queued', again, [running])).to.deep.equal([]);
  });

  it('names the run that takes the place', () => {
    const newest = run(9, 'queued');
    const all = supersessions('cancel_in_progress', newest, others);
    expect(all.map(({ by }) => by)).to.deep.equal([newest, newest, newest]);
  });
});
