import { expect } from 'chai';
import { makeF1, makeF2, openScale, type ScaleWeb, type Shown } from './executionFixture.ts';

const list = '/job-executions/';

describe('what a list of executions is asked for', () => {
  describe('ten of them (F1)', () => {
    let web: ScaleWeb;
    before(async () => {
      web = await openScale();
      await makeF1(web);
    });
    after(() => web.close());

    it('filters by status, name and category (A2, A4, A5, A7)', async () => {
      const running = await web.page(`${list}?status=RUNNING`);
      expect(running.count).to.equal(2);
      expect(running.results.map(({ status }) => status)).to.deep.equal(['RUNNING', 'RUNNING']);
      expect((await web.page(`${list}?job_type_name=n1`)).count).to.equal(5);
      expect((await web.page(`${list}?job_type_category=build`)).count).to.equal(5);
      const [type] = (await web.page(`${list}?job_type_name=n1`)).results;
      const one = Number(valueAt(type ?? {}, 'job__job_type__id'));
      expect((await web.page(`${list}?job_type_id=${one}&job_type_id=${one + 1}`)).count).to.equal(10);
    });
  });

  describe('250 of them (F2)', () => {
    let web: ScaleWeb;
    const newest = Date.now();
    const count = async (query: string): Promise<number> => (await web.page(`${list}?${query}`)).count;
    const refusal = async (query: string): Promise<[number, unknown]> => {
      const { status, json } = await web.get(`${list}?${query}`);
      return [status, json];
    };
    before(async () => {
      web = await openScale();
      await makeF2(web, newest);
    });
    after(() => web.close());

    it('is sorted by the last change, the oldest first (A8)', async () => {
      const { count: all, results, next, previous } = await web.page(list);
      expect([all, results.length, previous]).to.deep.equal([250, 100, null]);
      expect(next).to.equal(`http://127.0.0.1:${web.port}/job-executions/?page=2`);
      expect(results.slice(0, 3).map(({ id }) => id)).to.deep.equal([250, 249, 248]);
    });

    it('knows no other statuses than its own (A9), and takes several (A11)', async () => {
      for (const query of ['status=running', 'status=BOGUS', 'status=PENDING'])
        expect(await web.page(`${list}?${query}`)).to.include({ count: 0, next: null, previous: null });
      expect(await count('status=RUNNING&status=FAILED')).to.equal(100);
      expect(await count('status=RUNNING&status=')).to.equal(50);
      expect(await count('status=')).to.equal(250);
    });

    it('takes numbers of job types (A13 to A16, A25)', async () => {
      expect(await count('job_type_id=1&job_type_id=2')).to.equal(167);
      expect(await count('job_type_id=%201%20')).to.equal(84);
      for (const none of ['-1', '0', '99999999999999999999', '2147483648'])
        expect(await count(`job_type_id=${none}`), none).to.equal(0);
      for (const bad of ['abc', '', '1,2', '1.0', '1&job_type_id=x', '0x1', '1e3', '%D9%A1'])
        expect(await refusal(`job_type_id=${bad}`), bad).to.deep.equal([
          400,
          { detail: 'Parameter must be a valid integer: "job_type_id"' },
        ]);
    });

    it('takes names and categories, letter by letter (A17 to A20)', async () => {
      expect(await count('job_type_name=a')).to.equal(167);
      expect(await count('job_type_name=A')).to.equal(0);
      expect(await count('job_type_name=a&job_type_name=b')).to.equal(250);
      expect(await count('job_type_name=')).to.equal(0);
      expect(await count('job_type_category=')).to.equal(0);
      expect(await count('job_type_category=container')).to.equal(83);
      expect(await count('job_type_category=system')).to.equal(0);
    });

    it('takes numbers of nodes (A21, A22), and all filters together (A23)', async () => {
      expect(await count('node_id=1')).to.equal(100);
      expect(await count('node_id=1&node_id=2')).to.equal(200);
      expect(await refusal('node_id=zz')).to.deep.equal([
        400,
        { detail: 'Parameter must be a valid integer: "node_id"' },
      ]);
      expect(await count('job_type_name=a&status=FAILED&node_id=1')).to.equal(17);
    });

    it('leaves what it does not know alone', async () => {
      expect(await count('job_id=1&error_category=DATA&format=json&x[]=%00&%FF=1')).to.equal(250);
    });

    it('takes a time in many forms (C3)', async () => {
      for (const time of [
        '2015-01-01T00:00:00%2B00:00',
        '2015-01-01T00:00:00%2B05',
        '2015-01-01T00:00:00%2B0530',
        '2015-01-01T00:00Z',
        '2015-01-01T00:00:00.5Z',
        '2015-01-01T00:00:00.123456Z',
        '2015-01-01%2000:00:00Z',
        '2015-1-1T0:0:0Z',
      ])
        expect(await count(`started=${time}`), time).to.equal(250);
      expect(await count('started=2999-01-01T00:00:00Z')).to.equal(0);
      expect(await count('ended=2015-01-01T00:00:00Z')).to.equal(0);
    });

    it('takes a duration, which ends now (C5, C10, C11)', async () => {
      const counts = {
        'started=PT1H0M0S': 6,
        'started=P1D': 144,
        'started=P1DT2H': 156,
        'started=PT1.5H': 9,
      };
      for (const [query, expected] of Object.entries(counts))
        expect(await count(query), query).to.equal(expected);
      expect(await count('ended=PT1H')).to.equal(244);
      expect(await count('started=PT3H&ended=PT1H')).to.equal(12);
      for (const now of ['P', 'PT', 'P0D']) expect(await count(`started=${now}`), now).to.equal(0);
    });

    it('includes both ends', async () => {
      const [first, last] = [249, 248].map((i) => new Date(newest - i * 600_000).toISOString());
      expect(await count(`started=${first}&ended=${last}`)).to.equal(2);
    });

    it('refuses ranges that are none (C7, C8)', async () => {
      const wrong = { detail: 'Start time must come before end time' };
      const same = { detail: 'Start and end values must be different' };
      expect(await refusal('started=PT1H0M0S&ended=PT3H0M0S')).to.deep.equal([400, wrong]);
      const time = '2015-01-01T05:30:00';
      expect(await refusal(`started=${time}Z&ended=${time}%2B00`)).to.deep.equal([400, same]);
      expect(await refusal(`started=${time}%2B05:30&ended=2015-01-01T00:00Z`)).to.deep.equal([400, same]);
      expect(await refusal('started=PT3H&ended=PT3H')).to.deep.equal([400, same]);
    });

    it('refuses what is no time (C12, C16)', async () => {
      for (const bad of [
        'P1W',
        'P1M',
        'P1Y',
        '-P1D',
        'pt1h',
        'PT0,5H',
        'P 1D',
        ' PT1H',
        'P99999999999D',
        `P${'9'.repeat(400)}D`,
        'BAD',
        '',
        '2015-01-01T00:00:00',
        '2015-01-01T00:00:00-05:00',
        '2015-01-01T00:00:00+00:00',
        '2015-01-01Z',
        '20150101T000000Z',
        '2015-01-01T00:00:00z',
        '2015-13-01T00:00:00Z',
        '2015-02-30T00:00:00Z',
        '2015-01-01T24:00:00Z',
        '0000-01-01T00:00:00Z',
        '2015-01-01T00:00:00%2B99',
      ])
        for (const name of ['started', 'ended'])
          expect(await refusal(`${name}=${bad.replaceAll(' ', '%20')}`), `${name} ${bad}`).to.deep.equal([
            400,
            { detail: `Invalid ISO timestamp format for parameter: ${name}` },
          ]);
    });

    it('says the first mistake only, in the order of the original', async () => {
      const all = ['started=x', 'ended=y', 'job_type_id=z', 'node_id=z', 'order=bogus', 'page=0'];
      const texts = ['parameter: started', 'parameter: ended', '"job_type_id"', '"node_id"', '"bogus"'];
      for (const [i, text] of [...texts, 'Invalid page.'].entries()) {
        const [status, json] = await refusal(all.slice(i).toReversed().join('&'));
        expect(status).to.equal(i === 5 ? 404 : 400);
        expect(JSON.stringify(json)).to.include(JSON.stringify(text).slice(1, -1));
      }
      expect(await count('started=x&started=PT1H0M0S')).to.equal(6);
    });

    it('sorts by what is asked for (D1, D2, D4, D5, D10)', async () => {
      const first = async (query: string): Promise<number[]> =>
        (await web.ids(`${list}?page_size=3&${query}`)).slice(0, 3);
      expect(await first('order=-id')).to.deep.equal([250, 249, 248]);
      expect(await first('order=status&order=-id')).to.deep.equal([250, 245, 240]);
      expect(await first('order=job_type__name&order=-id')).to.deep.equal(
        await first('order=job__job_type__name&order=-id'),
      );
      expect(await first('order=-job__job_type__version&order=-id')).to.deep.equal([249, 246, 243]);
      expect(await first('order=pk')).to.deep.equal([1, 2, 3]);
      expect(await first('order=job')).to.deep.equal([1, 2, 3]);
      expect(await first('order=&order=-pk')).to.deep.equal([250, 249, 248]);
    });

    it('puts those without a value last, turned around first (D9)', async () => {
      const started = async (query: string) =>
        (await web.page(`${list}?page_size=1000&${query}`)).results.map((one) => one['started'] !== null);
      const up = await started('order=started');
      expect(up).to.deep.equal(Array.from({ length: 250 }, (_, i) => i < 200));
      expect(await started('order=-started')).to.deep.equal(up.toReversed());
    });

    it('sorts by words as they are shown', async () => {
      for (const path of [
        'status',
        'job__status',
        'job__priority',
        'job__job_type__category',
        'job__job_type__title',
        'job__job_type__version',
        'node__hostname',
        'node__port',
        'error__name',
        'error__category',
        'last_modified',
      ]) {
        const { results } = await web.page(`${list}?page_size=1000&order=${path}`);
        const values = results.map((one) => valueAt(one, path)).filter((value) => value !== undefined);
        expect(values, path).to.deep.equal(values.toSorted((a, b) => (a < b ? -1 : Number(a > b))));
      }
    });

    it('sorts a few by what only they themselves show, and by more than that', async () => {
      const order = 'order=-command_arguments&order=job_type__version&order=-id';
      const { results } = await web.page(`${list}?page_size=1000&${order}`);
      const commands = results.map((one) => valueAt(one, 'command_arguments') ?? '');
      expect(new Set(commands)).to.have.lengthOf.above(1);
      expect(commands).to.deep.equal(commands.toSorted((a, b) => (a < b ? 1 : -1)));
      for (const [i, one] of results.slice(1).entries()) {
        const before = results[i] ?? {};
        if (commands[i] !== commands[i + 1]) continue;
        const [version, next] = [before, one].map((shown) =>
          String(valueAt(shown, 'job__job_type__version')),
        );
        expect(
          (version ?? '') < (next ?? '') || (version === next && Number(before['id']) > Number(one['id'])),
        ).to.equal(true);
      }
      for (const path of [
        '-job__created',
        'job__max_tries',
        'cpus_scheduled',
        '-post_exit_code',
        'job__event__type',
      ])
        expect((await web.page(`${list}?order=${path}&order=id`)).count, path).to.equal(results.length);
      const byJob = await web.page(`${list}?page_size=1000&order=-job__created&order=id`);
      const youngest = await web.page(`${list}?page_size=1000&order=-created&order=id`);
      expect(byJob.results.map(({ id }) => id)).to.deep.equal(youngest.results.map(({ id }) => id));
      const second = await web.page(`${list}?page_size=50&page=2&${order}`);
      expect(second.results).to.deep.equal(results.slice(50, 100));
    });

    it('refuses what nothing is sorted by', async () => {
      for (const [order, named] of [
        ['bogus', 'bogus'],
        ['-bogus', 'bogus'],
        ['%3F', '?'],
        ['id,status', 'id,status'],
        ['constructor', 'constructor'],
        ['id&order=nope', 'nope'],
        ['-', ''],
      ])
        expect(await refusal(`order=${order}`), order).to.deep.equal([
          400,
          { detail: `Invalid order field: "${named}"` },
        ]);
    });
  });
});

/** What stands at a path of an order; undefined where something on the way is null. */
function valueAt(shown: Shown, path: string): string | number | undefined {
  const value = path
    .split('__')
    .reduce<unknown>(
      (one, name) => (typeof one === 'object' && one !== null ? Reflect.get(one, name) : null),
      shown,
    );
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
