import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { attemptStates, runStates } from '../../server/words/run.ts';
import { scenes, statesTable } from './statesTable.ts';

describe('docs/states.md', () => {
  it('has the table as the interfaces show the states: `node scripts/states.ts` prints it', async () => {
    const text = await readFile(new URL('../../docs/states.md', import.meta.url), 'utf8');
    expect(text.split('\n').filter((line) => line.startsWith('|'))).to.deep.equal(statesTable());
  });

  it('leaves no state out', () => {
    expect(scenes.map(({ run }) => run.state)).to.include.members([...runStates]);
    const seen = scenes.flatMap(({ attempts }) => attempts.map(({ state }) => state));
    expect(seen).to.include.members([...attemptStates]);
  });
});
