import { expect } from 'chai';
import fc from 'fast-check';
import { covers, type Identity, mayDo, scopes, sees } from '../../../server/words/scopes.ts';

const held = fc.uniqueArray(fc.constantFrom(...scopes, '*'));
const keyWith = (granted: readonly string[], project: string | null = 'acme'): Identity => ({
  kind: 'key',
  keyId: 'x',
  project,
  scopes: granted,
});

describe('scopes', () => {
  it('are what a key has, and no more', () => {
    for (const scope of scopes)
      for (const other of scopes) expect(mayDo(keyWith([scope]), other)).to.equal(scope === other);
  });

  it('mean everything but the administrator’s where a key has none or *', () => {
    for (const scope of scopes)
      for (const granted of [[], ['*'], ['*', 'jobs:read']])
        expect(mayDo(keyWith(granted), scope), scope).to.equal(scope !== 'admin');
    expect(mayDo(keyWith(['*', 'admin']), 'admin')).to.equal(true);
    expect(mayDo({ kind: 'admin' }, 'admin')).to.equal(true);
  });

  it('ignore words that nobody knows', () => {
    expect(mayDo(keyWith(['jobs:*', 'all', 'JOBS:READ', 'jobs:read ']), 'jobs:read')).to.equal(false);
  });

  it('cover others exactly where those allow nothing more', () => {
    fc.assert(
      fc.property(held, held, (own, wanted) => {
        const gains = scopes.some((scope) => mayDo(keyWith(wanted), scope) && !mayDo(keyWith(own), scope));
        return covers(keyWith(own), wanted) === !gains;
      }),
    );
  });

  it('end at the project', () => {
    expect(sees(keyWith([], 'acme'), 'acme')).to.equal(true);
    expect(sees(keyWith([], 'acme'), 'Acme')).to.equal(false);
    expect(sees(keyWith([], null), 'anything')).to.equal(true);
    expect(sees({ kind: 'admin' }, 'anything')).to.equal(true);
  });
});
