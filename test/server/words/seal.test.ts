import { expect } from 'chai';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSealer, loadSecretKey } from '../../../server/words/seal.ts';

describe('a sealer', () => {
  const sealer = createSealer(randomBytes(32));

  it('opens what it sealed, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, context) => {
        const sealed = sealer.seal(secret, context);
        expect(sealer.open(sealed, context)).to.equal(secret);
        expect(sealer.seal(secret, context)).not.to.equal(sealed);
      }),
    );
    expect(sealer.seal('hunter2hunter2', 'run/1')).not.to.include('hunter2');
  });

  it('opens nothing for another context, with another key, or changed', () => {
    const sealed = sealer.seal('secret', 'run/1');
    const refused = /the sealed run\/\d does not open: is the secret key another one than before\?/;
    expect(() => sealer.open(sealed, 'run/2')).to.throw(refused);
    expect(() => createSealer(randomBytes(32)).open(sealed, 'run/1')).to.throw(refused);
    expect(() => sealer.open('secret', 'run/1')).to.throw(refused);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom('', 'A', 'x', '.'), (at, other) => {
        fc.pre(sealed[at] !== other);
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
        // The last digit of base64url has bits that mean nothing.
        fc.pre(!Buffer.from(changed.slice(3), 'base64url').equals(Buffer.from(sealed.slice(3), 'base64url')));
        expect(() => sealer.open(changed, 'run/1')).to.throw(refused);
      }),
    );
  });

  it('wants a key of 32 bytes', () => {
    expect(() => createSealer(randomBytes(16))).to.throw('a secret key has 32 bytes, not 16');
  });
});

describe('the secret key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dbk-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, for its owner only', () => {
    const data = join(folder, 'data');
    const key = loadSecretKey(data);
    expect(key).to.have.length(32);
    expect(loadSecretKey(data)).to.deep.equal(key);
    expect(readdirSync(data)).to.deep.equal(['secret.key']);
    expect(statSync(join(data, 'secret.key')).mode & 0o777).to.equal(0o600);
  });

  it('comes from the environment where it is given there', () => {
    const key = randomBytes(32);
    expect(loadSecretKey(folder, key.toString('hex'))).to.deep.equal(key);
    expect(loadSecretKey(folder, key.toString('base64'))).to.deep.equal(key);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(() => loadSecretKey(folder, 'password')).to.throw(
      'DOCKER_BUILDER_SECRETKEY is no key: it must be 64 hex digits, or base64 of 32 bytes (openssl rand -hex 32)',
    );
  });

  it('is refused where it is broken or open to others, and never replaced', () => {
    const file = join(folder, 'secret.key');
    writeFileSync(file, 'half a k', { mode: 0o600 });
    expect(() => loadSecretKey(folder)).to.throw(`${file} is no key`);
    expect(readFileSync(file, 'utf8')).to.equal('half a k');
    chmodSync(file, 0o640);
    expect(() => loadSecretKey(folder)).to.throw(`${file} can be read by others: run chmod 600 on it`);
  });
});
