import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { reasonKinds } from '../../server/words/reasons.ts';

describe('docs/reasons.md', () => {
  it('lists every reason as the catalogue has it', async () => {
    const text = await readFile(new URL('../../docs/reasons.md', import.meta.url), 'utf8');
    const listed = text.split('\n').filter((line) => line.startsWith('| `'));
    const kinds: [string, { phase?: string; retryable: boolean; meaning: string }][] =
      Object.entries(reasonKinds);
    const expected = kinds.map(
      ([reason, { phase = 'any', retryable, meaning }]) =>
        `| \`${reason}\` | ${phase} | ${retryable ? 'yes' : 'no'} | ${meaning} |`,
    );
    expect(listed).to.deep.equal(expected);
  });
});
