import { expect } from 'chai';
import { isPostgresUrl, readPostgresUrl } from '../../../server/words/postgresUrl.ts';

describe('the address of a PostgreSQL', () => {
  const read: [string, ReturnType<typeof readPostgresUrl>][] = [
    ['postgres://u:p%40@h:5/db', { host: 'h', port: 5, user: 'u', password: 'p@', database: 'db' }],
    ['postgresql://h/db?sslmode=require', { host: 'h', database: 'db', tls: 'require' }],
    ['postgres:///db?host=/run/x', { host: '/run/x', database: 'db' }],
    ['postgres://u@/db?host=/run/x', { host: '/run/x', user: 'u', database: 'db' }],
    ['postgres://u:p@%2Ftmp%2Fx/db', { host: '/tmp/x', user: 'u', password: 'p', database: 'db' }],
    ['postgres://[::1]:44/x', { host: '::1', port: 44, database: 'x' }],
    ['postgres://h', { host: 'h' }],
    ['postgres://', {}],
  ];
  for (const [text, address] of read)
    it(`is read from ${text}`, () => {
      expect(readPostgresUrl(text)).to.deep.equal(address);
    });

  const wrong: [string, RegExp][] = [
    ['postgres:db', /^must look like postgres:\/\/USER/],
    ['mysql://h/db', /^must look like/],
    ['postgres://u:secret/q@h/d', /^must look like .* %2F for a \//],
    ['postgres://u:secret#q@h/d', /^must look like/],
    ['postgres://h:99999/d', /^must look like/],
    ['postgres://h/d#x', /%23/],
    ['postgres://h/d/e', /%2F for a \/ in DATABASE/],
    ['postgres://h/d?schema=x', /sslmode and host after its "\?", and nothing else/],
    ['postgres://h/d?sslmode=maybe', /one of disable, prefer, require, verify-full/],
    ['postgres://u:secret%zz@h/d', /two hex digits/],
  ];
  for (const [text, problem] of wrong)
    it(`is not ${text}, which is told without a secret`, () => {
      const answer = readPostgresUrl(text);
      expect(answer).to.have.property('problem').that.matches(problem);
      expect(JSON.stringify(answer)).to.not.include('secret');
    });

  it('is told from a path by its beginning', () => {
    expect(['postgres://h/d', 'POSTGRESQL://h/d', './data', 'postgres'].map(isPostgresUrl)).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });
});
