import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { metrics, prefix } from '../../../server/doors/metrics/catalogue.ts';
import { createMetricsText } from '../../../server/doors/metrics/text.ts';
import { createHistogram } from '../../../server/room/meters/histogram.ts';
import { createJob } from '../../../server/room/jobs/create.ts';
import { removeJob } from '../../../server/room/jobs/remove.ts';
import { putQueue } from '../../../server/room/queues/queues.ts';
import { submit } from '../../../server/room/submit/submit.ts';
import type { Run } from '../../../server/words/run.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { adminToken, awayEngine, openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { startReceiver } from '../notify/receiver.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { storeKinds } from '../store/temporaryStore.ts';
import { metricsTable } from './table.ts';

const squeezed = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');

/** What a scraper makes of the text: the value of each name with its labels. */
function parsed(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('# ')) continue;
    const [, name, value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    expect(name, line).to.be.a('string');
    expect(values.has(String(name)), line).to.equal(false);
    values.set(String(name).slice(prefix.length), Number(value));
  }
  return values;
}

describe('docs/metrics.md', () => {
  it('has the table of all metrics', async () => {
    const text = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    expect(squeezed(text)).to.include(squeezed(metricsTable().join('\n')));
  });
});

describe('the text of metrics', () => {
  it('escapes labels, and says of each metric once what it is', () => {
    const text = createMetricsText();
    text.value('queue_waiting', { queue: 'a"b\\c\nd' }, 3);
    text.value('queue_waiting', { queue: 'e' }, 4);
    const lines = text.text().split('\n');
    expect(lines).to.deep.equal([
      `# HELP docker_builder_queue_waiting ${metrics.queue_waiting.help}`,
      '# TYPE docker_builder_queue_waiting gauge',
      'docker_builder_queue_waiting{queue="a\\"b\\\\c\\nd"} 3',
      'docker_builder_queue_waiting{queue="e"} 4',
      '',
    ]);
  });

  it('adds the counts of a histogram up', () => {
    const histogram = createHistogram([1, 5]);
    for (const value of [0.5, 1, 3, 7]) histogram.observe(value);
    const text = createMetricsText();
    text.histogram('event_loop_lag_seconds', {}, histogram);
    const lines = text
      .text()
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(lines.map((line) => line.replace(`${prefix}event_loop_lag_seconds`, ''))).to.deep.equal([
      '_bucket{le="1"} 2',
      '_bucket{le="5"} 3',
      '_bucket{le="+Inf"} 4',
      '_sum 11.5',
      '_count 4',
      '',
    ]);
  });
});

for (const kind of storeKinds)
  describe(`GET /metrics, on ${kind}`, () => {
    let web: TestWeb;
    let database: FreshDatabase | undefined;
    before(async () => {
      database = kind === 'SQLite' ? undefined : await freshDatabase();
      const env = {
        TOKEN: adminToken,
        ALLOW_PRIVATE: '1',
        NAME: 'one',
        ...(database && { DATABASE: database.url }),
      };
      web = await openTestWeb({ env, engines: [awayEngine('remote')] });
    });
    after(async () => {
      await web?.close();
      await database?.giveBack();
    });

    async function scrape(): Promise<Map<string, number>> {
      const answer = await web.ask('GET', '/metrics', { key: adminToken });
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
      return parsed(answer.text);
    }

    /** Once what was told to others at about the same time is told anew. */
    const scrapeUntil = (what: string, isSo: (values: Map<string, number>) => boolean) =>
      waitFor(what, async () => {
        const values = await scrape();
        return isSo(values) && values;
      });

    const job = (slug: string, url: string, more = {}) =>
      createJob(web.room, {
        project: 'acme',
        slug,
        kind: 'http',
        enabled: true,
        definition: { ...more, http: { url } },
        createdBy: null,
      });
    const trigger = async (id: string): Promise<Run> =>
      (await submit(web.room, { job: { id }, trigger: 'api' })).run;

    it('tells of this process, of its requests by their routes, and of all who share the store', async () => {
      await web.ask('GET', '/jobs/no-such-job', { key: adminToken });
      await web.ask('GET', '/nowhere', { key: adminToken });
      const values = await scrape();
      const own = [...values].find(([name]) => name.startsWith('info{'));
      expect(own?.[0]).to.match(/^info\{version="[\d.]+",name="one",role="all"\}$/);
      expect(values.get('http_requests_total{method="GET",route="/jobs/:id",status="404"}')).to.equal(1);
      expect(values.get('http_requests_total{method="GET",route="none",status="404"}')).to.equal(1);
      expect(values.get('http_request_seconds_count{method="GET",route="/jobs/:id"}')).to.equal(1);
      expect(values.get('store_up')).to.equal(1);
      expect(values.get('members{role="all",state="on"}')).to.equal(1);
      expect(values.get('engine_slots{engine="remote",member="one"}')).to.equal(2);
      expect(values.get('engine_busy{engine="remote",member="one"}')).to.equal(0);
      for (const name of [
        'resident_memory_bytes',
        'heap_used_bytes',
        'cpu_seconds_total',
        'store_write_seconds_count',
      ])
        expect(values.get(name), name).to.be.greaterThan(0);
      for (const name of ['store_writes_waiting', 'event_loop_lag_seconds_count', 'start_time_seconds'])
        expect(values.has(name), name).to.equal(true);
    });

    it('counts runs, queues and ends; an end counts also when its run is removed', async () => {
      const endpoint = await startReceiver((response, { headers }) => {
        response.writeHead(String(headers['x-job-slug']) === 'bad' ? 400 : 200).end('{}');
      });
      try {
        const [good, late] = [
          await job('good', endpoint.url),
          await job('late', endpoint.url, { queue: 'held' }),
        ];
        await putQueue(web.room, 'held', { paused: true });
        await trigger(good.id);
        await trigger(good.id);
        await trigger(late.id);
        const values = await scrapeUntil(
          'both to end',
          (known) => known.get('runs{state="completed"}') === 2,
        );
        expect(values.get('runs{state="queued"}')).to.equal(1);
        expect(values.get('queue_waiting{queue="held"}')).to.equal(1);
        expect(values.get('queue_oldest_seconds{queue="held"}')).to.be.greaterThan(0);
        expect(values.get('queue_oldest_seconds{queue="default"}')).to.equal(0);
        expect(values.get('attempts_ended_total{outcome="succeeded",reason=""}')).to.equal(2);
        expect(values.get('attempts_begun_total{place="http"}')).to.equal(2);
        expect(values.get('attempts_done_total{place="http"}')).to.equal(2);
        await removeJob(web.room, good.id, undefined);
        const after = await scrapeUntil(
          'the runs to go',
          (known) => known.get('runs{state="completed"}') === 0,
        );
        expect(after.get('attempts_ended_total{outcome="succeeded",reason=""}')).to.equal(2);
      } finally {
        await endpoint.close();
      }
    });

    it('is for who may read figures of all projects', async () => {
      const keys = await Promise.all([
        web.makeKey({ project: null, scopes: ['stats:read'] }),
        web.makeKey({ project: null, scopes: ['runs:read'] }),
        web.makeKey({ project: 'acme', scopes: ['stats:read'] }),
      ]);
      const answers = await Promise.all(keys.map(({ text: key }) => web.ask('GET', '/metrics', { key })));
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 403, 404]);
      expect((await web.ask('GET', '/metrics')).status).to.equal(401);
    });

    if (kind === 'PostgreSQL')
      it('tells what is known without the store while that does not answer', async () => {
        await database?.script('ALTER TABLE run_counts RENAME TO run_counts_away');
        try {
          const values = await scrapeUntil('the store to fail', (known) => known.get('store_up') === 0);
          expect([...values.keys()].some((name) => name.startsWith('runs{'))).to.equal(false);
          expect(values.get('resident_memory_bytes')).to.be.greaterThan(0);
        } finally {
          await database?.script('ALTER TABLE run_counts_away RENAME TO run_counts');
        }
      });
  });
