import { expect } from 'chai';
import { concernOf, isMet, verdictOf } from '../../../server/words/dependencies.ts';
import { isTerminal, runStates } from '../../../server/words/run.ts';

describe('dependencies', () => {
  it('look at runs with the same idempotency key, else with the same dependency key, else at all', () => {
    const metadata = { dependency_key: 'd' };
    expect(concernOf({ idempotencyKey: 'k', metadata })).to.deep.equal({ idempotencyKey: 'k' });
    expect(concernOf({ idempotencyKey: null, metadata })).to.deep.equal({ dependencyKey: 'd' });
    expect(concernOf({ idempotencyKey: null, metadata: {} })).to.equal(undefined);
  });

  it('are met by the ends that their condition names', () => {
    const met = (condition: 'completed' | 'failed' | 'any') =>
      runStates.filter((state) => isMet(condition, state));
    expect(met('completed')).to.deep.equal(['completed']);
    const failures = ['dead_letter', 'failed', 'timed_out', 'crashed', 'system_failed', 'expired'];
    expect(met('failed')).to.have.members(failures);
    expect(met('any')).to.deep.equal(runStates.filter(isTerminal));
  });

  it('are not decided by what ended badly before the waiting run was made', () => {
    const verdict = (state: 'completed' | 'dead_letter', completedAt: number) =>
      verdictOf({ condition: 'completed' }, { state, completedAt }, 1000);
    expect(verdictOf({ condition: 'any' }, undefined, 1000)).to.equal('open');
    expect(verdict('completed', 1)).to.equal('met');
    expect(verdict('dead_letter', 999)).to.equal('open');
    expect(verdict('dead_letter', 1000)).to.equal('open');
    expect(verdict('dead_letter', 1001)).to.equal('unmeetable');
  });
});
