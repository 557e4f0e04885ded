import { expect } from 'chai';
import fc from 'fast-check';
import { type Barbeque, openBarbeque } from './fixture.ts';

const path = '/v2/job_executions';
const badRequest = '{"status":400,"error":"Bad Request"}';
const text = JSON.stringify;

describe('whatever is sent to the interface of Barbeque', () => {
  let barbeque: Barbeque;
  before(async () => {
    barbeque = await openBarbeque();
  });
  after(() => barbeque.close());

  const wish = (fields: string) => `{"application":"blog","job":"NotifyAuthor","queue":"slow",${fields}}`;

  it('is refused where nothing can be read from it', async () => {
    const unreadable = [
      '{',
      'NaN',
      wish('"message":NaN'),
      wish('"message":Infinity'),
      wish("'message':1"),
      wish(`"message":${'['.repeat(100)}${']'.repeat(100)}`),
      '['.repeat(500_000),
      `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`,
      '\0',
      '\uFEFF{}',
    ];
    for (const body of unreadable) {
      const answer = await barbeque.send('POST', path, body);
      expect([answer.status, answer.body], body.slice(0, 50)).to.deep.equal([400, badRequest]);
    }
  });

  it('is taken where it only looks odd', async () => {
    const messages = [
      `${'['.repeat(98)}${']'.repeat(98)}`,
      '"\\u0000\\ud800 </script> \u2028"',
      '{"__proto__":{"x":1},"constructor":1}',
      text('\u{1F98A}'.repeat(1000)),
      `"${'x'.repeat(300_000)}"`,
      `[${'0,'.repeat(100_000)}0]`,
    ];
    for (const message of messages) {
      const made = await barbeque.send('POST', `${path}?fields=message_id`, wish(`"message":${message}`));
      expect(made.status, `${message.slice(0, 50)}: ${made.body.slice(0, 200)}`).to.equal(201);
      const { message_id: id } = JSON.parse(made.body) as { message_id: string };
      const { status, body } = await barbeque.show(id, '?fields=message');
      expect(status).to.equal(200);
      expect(JSON.parse(body)).to.deep.equal({ message: JSON.parse(message) as unknown });
      expect(body).not.to.match(/[<>&\u2028]/);
    }
  });

  it('is refused where no two readers would make the same of it', async () => {
    const { status, body } = await barbeque.send('POST', path, wish('"message":1e400'));
    expect([status, body]).to.deep.equal([
      400,
      '{"status_code":400,"error_code":"invalid_parameter","message":"a number is too large (max 1.7976931348623157e+308)"}',
    ]);
  });

  it('is too much from some size on', async () => {
    const large = await barbeque.send('POST', path, wish(`"message":"${'x'.repeat(5 * 1024 * 1024)}"`));
    expect(large.status).to.equal(413);
    const body = wish(`"message":"${'x'.repeat(6 * 1024 * 1024)}"`);
    const larger = await barbeque.send('POST', path, body);
    expect([larger.status, JSON.parse(larger.body)]).to.deep.equal([
      413,
      {
        status_code: 413,
        error_code: 'payload_too_large',
        message: 'the body is too large',
        error: 'the body is too large',
      },
    ]);
  });

  it('never makes the server fail', async () => {
    const awkward = fc.oneof(
      fc.constantFrom<unknown>(
        'blog',
        'NotifyAuthor',
        'slow',
        null,
        '\0',
        '\ud800',
        'a'.repeat(3000),
        '../x',
        '<b>',
        901,
        -1,
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const names = ['application', 'job', 'queue', 'message', 'delay_seconds', 'fields', 'revision'];
    const body = fc.dictionary(fc.constantFrom(...names), awkward);
    const id = '15aca944-317a-41e0-b516-11b521b112bc';
    const paths = [
      path,
      `/v1/job_executions/${id}/retries`,
      '/v1/apps/blog/revision_lock',
      '/v1/apps/%00/revision_lock',
      '/v1/apps/%ff/revision_lock',
      '/v1/job_executions/%00/retries',
      '/v1/apps/%ED%A0%80/revision_lock',
    ];
    const query = fc.constantFrom(
      '',
      '?fields[]=id',
      '?fields[a]=b',
      '?message=%00',
      '?fields=%E0%A4%A',
      '?%5B=%5D&a[=1',
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), query, body, async (target, more, fields) => {
        const answer = await barbeque.send('POST', target + more, fields);
        expect(answer.status, `${target}${more} ${text(fields)}: ${answer.body}`).to.be.oneOf([
          201, 400, 404,
        ]);
        expect(answer.headers['content-type']).to.match(/^application\/json; charset=utf-8$/i);
        JSON.parse(answer.body);
      }),
      { numRuns: 150 },
    );
  });

  it('is looked at whatever its address is', async () => {
    for (const target of [
      '%00',
      '%',
      '..%2f..',
      'x'.repeat(5000),
      '%ED%A0%80',
      '15aca944-317a-41e0-b516-11b521b112bc%0a',
    ]) {
      const { status } = await barbeque.show(target);
      expect(status, target).to.be.oneOf([400, 404]);
    }
    const fields = '?fields[]=id';
    const refused = await barbeque.show('15aca944-317a-41e0-b516-11b521b112bc', fields);
    expect(refused.body).to.equal('{"status_code":400,"error":"Invalid query in ?fields="}');
  });
});
