import { createHmac, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { createRunTokens } from '../../../server/words/runToken.ts';
import { createSealer } from '../../../server/words/seal.ts';

const key = randomBytes(32);
const tokens = createRunTokens(key);
const now = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token whose signature is right, whatever it says. */
function signed(header: object, claims: object): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

describe('a run token', () => {
  const token = tokens.sign('run-1', now, now + hour);

  it('is a JSON Web Token that names the run, and when it was made and ends', () => {
    const [header = '', claims = ''] = token
      .split('.')
      .map((text) => Buffer.from(text, 'base64url').toString());
    expect(JSON.parse(header)).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(claims)).to.deep.equal({ sub: 'run-1', exp: (now + hour) / 1000, iat: now / 1000 });
  });

  it('speaks for its run until it ends, and a little longer', () => {
    expect(tokens.verify(token, now)).to.equal('run-1');
    expect(tokens.verify(token, now + hour + 20_000)).to.equal('run-1');
    expect(tokens.verify(token, now + hour + 40_000)).to.equal(undefined);
  });

  it('is not taken where anything of it was changed', () => {
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'A' ? 'B' : 'A';
      expect(tokens.verify(token.slice(0, i) + other + token.slice(i + 1), now)).to.equal(undefined);
    }
    for (const text of ['', '.', '..', 'a.b.c', `${token}.x`, token.slice(0, -1), `${token}=`, ` ${token}`])
      expect(tokens.verify(text, now)).to.equal(undefined);
  });

  it('cannot say how it is checked', () => {
    const claims = { sub: 'run-1', exp: (now + hour) / 1000 };
    expect(tokens.verify(signed({ alg: 'HS256', typ: 'JWT' }, claims), now)).to.equal('run-1');
    expect(tokens.verify(signed({ alg: 'none', typ: 'JWT' }, claims), now)).to.equal(undefined);
    expect(tokens.verify(`${part({ alg: 'none' })}.${part(claims)}.`, now)).to.equal(undefined);
    expect(tokens.verify(signed({ typ: 'JWT', alg: 'HS256' }, claims), now)).to.equal(undefined);
  });

  it('is of one server: another key signs otherwise', () => {
    expect(createRunTokens(randomBytes(32)).verify(token, now)).to.equal(undefined);
  });

  it('has a key that follows from the secret key, and is not that', () => {
    const secret = randomBytes(32);
    const [one, same] = [createSealer(secret).deriveKey('a'), createSealer(secret).deriveKey('a')];
    expect(one.equals(same)).to.equal(true);
    expect(one.length).to.equal(32);
    expect(one.equals(secret)).to.equal(false);
    expect(one.equals(createSealer(secret).deriveKey('b'))).to.equal(false);
  });
});
