import { expect } from 'chai';
import { makeF2, openScale, type ScaleWeb } from './executionFixture.ts';

const list = '/job-executions/';

describe('pages of executions', () => {
  let web: ScaleWeb;
  let at: string;
  const shape = async (query: string): Promise<object> => {
    const { results, next, previous } = await web.page(list + query);
    return { first: results[0]?.['id'] ?? null, length: results.length, next, previous };
  };
  before(async () => {
    web = await openScale();
    at = `http://127.0.0.1:${web.port}${list}`;
    await makeF2(web, Date.now());
  });
  after(() => web.close());

  it('lie beside each other (B1 to B4, B8)', async () => {
    expect(await shape('?page_size=50&page=2')).to.deep.equal({
      first: 200,
      length: 50,
      next: `${at}?page=3&page_size=50`,
      previous: `${at}?page_size=50`,
    });
    expect(await shape('?page=2')).to.include({ previous: at, next: `${at}?page=3` });
    expect(await shape('?page=3')).to.include({ length: 50, previous: `${at}?page=2`, next: null });
    expect(await shape('?page=last&page_size=60')).to.include({
      length: 10,
      previous: `${at}?page=4&page_size=60`,
      next: null,
    });
    expect(await shape('?page_size=1')).to.include({ length: 1 });
    expect(await shape('?page_size=1000')).to.include({ length: 250, next: null });
  });

  it('that are not there are not found (B5, B9)', async () => {
    for (const page of ['0', '-1', 'abc', '1.5', '99', '', '1e1', '9'.repeat(400), 'LAST', '1,2']) {
      const { status, json } = await web.get(`${list}?page=${page}`);
      expect([status, json], page).to.deep.equal([404, { detail: 'Invalid page.' }]);
    }
    expect(await shape('?status=BOGUS&page=1')).to.include({ length: 0, next: null, previous: null });
    expect(await shape('?status=BOGUS&page=last')).to.include({ length: 0 });
    expect((await web.get(`${list}?status=BOGUS&page=2`)).status).to.equal(404);
  });

  it('have the usual size where one is asked for that is none (B6), and no more than 1000', async () => {
    for (const size of ['0', '-5', 'abc', '', '1.5'])
      expect(await shape(`?page_size=${size}`), size).to.include({ length: 100 });
    for (const size of ['1001', '9'.repeat(100), '%2B300', '%20300%20'])
      expect(await shape(`?page_size=${size}`), size).to.include({ length: 250 });
  });

  it('are told of by addresses as the original writes them (B10, B11)', async () => {
    const { next } = await web.page(
      `${list}?page_size=20&page=3&status=&order=-created&order=id&job_type_name=a`,
    );
    expect(next).to.equal(`${at}?job_type_name=a&order=-created&order=id&page=4&page_size=20`);
    expect((await web.page(`${list}?started=2015-01-01T00:00:00Z`)).next).to.equal(
      `${at}?page=2&started=2015-01-01T00%3A00%3A00Z`,
    );
    expect((await web.page(`${list}?page_size=abc&x=*~%20%C3%A4&a=2&a=1`)).next).to.equal(
      `${at}?a=2&a=1&page=2&page_size=abc&x=%2A%7E+%C3%A4`,
    );
  });

  it('count by the last number that is given (B13)', async () => {
    expect(await shape('?page=2&page=1')).to.include({ first: 250, previous: null });
    expect(await shape('?page_size=1&page_size=2')).to.include({ length: 2 });
  });

  it('hold every execution once, also where all are sorted alike (B14)', async () => {
    for (const query of [
      '?page_size=7',
      '?page_size=30&order=status',
      '?page_size=40&order=-job__job_type__name',
    ]) {
      const seen: unknown[] = [];
      let next: string | null = at + query;
      while (next !== null) {
        const page = await web.page(next.slice(at.length - list.length));
        seen.push(...page.results.map(({ id }) => id));
        next = page.next;
      }
      expect(seen).to.have.length(250);
      expect(new Set(seen).size).to.equal(250);
    }
  });

  it('are reached as the client came', async () => {
    for (const prefix of ['', '/api', '/v3', '/api/v3']) {
      const { json } = await web.get(`${prefix}/job-executions/?page=2`, {
        headers: { Host: 'builds.example:8080' },
      });
      expect(json['next']).to.equal(`http://builds.example:8080${prefix}/job-executions/?page=3`);
    }
    const { json } = await web.get(list, { headers: { 'X-Forwarded-Host': 'evil.example', Host: 'a b' } });
    expect(json['next']).to.equal(`${at}?page=2`);
  });
});

describe('pages of a server with a public address', () => {
  let web: ScaleWeb;
  before(async () => {
    web = await openScale({
      env: { TOKEN: 'the-token-of-the-administrator', PUBLIC_URL: 'https://ci.example/builds/' },
    });
    await makeF2(web, Date.now());
  });
  after(() => web.close());

  it('are told of below that', async () => {
    const { next } = await web.page('/api/v3/job-executions/?page_size=200');
    expect(next).to.equal('https://ci.example/builds/api/v3/job-executions/?page=2&page_size=200');
  });
});
