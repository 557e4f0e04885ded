import { expect } from 'chai';
import type { JobDefinition } from '../../../server/words/job.ts';
import { versionAtClaim } from '../../../server/words/versionPolicy.ts';

describe('the version that a run is done by', () => {
  const cases: [definition: JobDefinition, version: number][] = [
    [{}, 1],
    [{ versionPolicy: 'pin', backwardsCompatible: true }, 1],
    [{ versionPolicy: 'latest' }, 3],
    [{ versionPolicy: 'minor' }, 1],
    [{ versionPolicy: 'minor', backwardsCompatible: false }, 1],
    [{ versionPolicy: 'minor', backwardsCompatible: true }, 3],
  ];
  for (const [definition, version] of cases)
    it(`${JSON.stringify(definition)}: ${version} of 1 to 3`, () =>
      expect(versionAtClaim(1, { version: 3, definition })).to.equal(version));
});
