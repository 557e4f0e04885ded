import { expect } from 'chai';
import type { LogStream } from '../../../builder/model/log.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { known, newestAttempt } from '../store/temporaryStore.ts';
import { makeF2, makeLogged, making, openScale, type ScaleWeb, someJob } from './executionFixture.ts';

interface Source {
  '@timestamp': string;
  scale_order_num: number;
  message: string;
  scale_job_exe: string;
  stream: string;
}

const said: readonly (readonly [LogStream, string])[] = [
  ['system', 'attempt 1 begins'],
  ['stdout', 'one'],
  ['stderr', `<b>"two" & 'three'</b>`],
  ['stdout', ''],
  ['stdout', 'ä \u0001 \\ "four" 😀'],
];

describe('the log of an execution', () => {
  let web: ScaleWeb;
  let done: number;
  const at = (id: number, more = '') => `/job-executions/${id}/logs/${more}`;
  const sources = async (path: string): Promise<Source[]> => {
    const { status, json, text } = await web.get(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    const { hits, total } = json['hits'] as { hits: { _source: Source }[]; total: number };
    expect(total).to.equal(hits.length);
    return hits.map(({ _source }) => _source);
  };

  before(async () => {
    web = await openScale({ settings: { limits: { logBytes: 1024 * 1024 } } });
    done = await makeLogged(web, said, { reason: 'command_failed' });
  });
  after(() => web.close());

  it('is shown whole with the execution (G1)', async () => {
    const [item] = (await web.page('/job-executions/')).results;
    const { status, json } = await web.get(at(done));
    expect(status).to.equal(200);
    expect(json).to.deep.equal({
      ...item,
      is_finished: true,
      stdout: `one\n\n${said[4]?.[1]}\n`,
      stderr: `attempt 1 begins\n${said[2]?.[1]}\n`,
    });
    const head = await web.ask('HEAD', at(done), { key: 'the-token-of-the-administrator' });
    expect([head.status, head.text]).to.deep.equal([200, '']);
  });

  it('of none is not found (G2)', async () => {
    for (const more of ['', 'combined/', 'stdout/'])
      expect((await web.get(at(999_999, more))).json).to.deep.equal({ detail: 'Not found.' });
    expect((await web.get(at(done, 'nothing/'))).status).to.equal(404);
  });

  it('has three forms (G9, G15, G16)', async () => {
    const forms = { json: 'application/json', txt: 'text/plain', html: 'text/html' };
    for (const [format, type] of Object.entries(forms))
      for (const asked of [
        { query: `?format=${format}`, accept: '*/*' },
        { query: '', accept: type },
      ]) {
        const answer = await web.get(at(done, `combined/${asked.query}`), {
          headers: { Accept: asked.accept },
        });
        expect([answer.status, answer.headers['content-type']]).to.deep.equal([
          200,
          `${type}; charset=utf-8`,
        ]);
      }
    const lines = await sources(at(done, 'combined/'));
    expect(lines.map(({ message }) => message)).to.deep.equal(said.map(([, text]) => text));
    expect(lines.map(({ scale_order_num: number }) => number)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(lines.map(({ stream }) => stream)).to.deep.equal([
      'stderr',
      'stdout',
      'stderr',
      'stdout',
      'stdout',
    ]);
    expect(new Set(lines.map((line) => line.scale_job_exe))).to.deep.equal(new Set([`scale_${done}`]));
    const text = await web.get(at(done, 'combined/?format=txt'));
    expect(text.text).to.equal(said.map(([, line]) => line).join('\n'));
    expect((await web.get(at(done, 'stdout/?format=txt'))).text).to.equal(`one\n\n${said[4]?.[1]}`);
    const page = await web.get(at(done, 'stderr/?format=html'));
    expect(page.text).to.equal(
      '<html><head><style>.stdout {} .stderr {color: red;}</style></head><body>' +
        '<div class="stderr">attempt 1 begins</div>\n' +
        '<div class="stderr">&lt;b&gt;&quot;two&quot; &amp; &#39;three&#39;&lt;/b&gt;</div>\n</body></html>',
    );
    expect(page.headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-/);
  });

  it('has no other forms', async () => {
    const refused = await web.get(at(done, 'combined/'), { headers: { Accept: 'image/png' } });
    expect([refused.status, refused.json]).to.deep.equal([
      406,
      { detail: 'Could not satisfy the request Accept header.' },
    ]);
    expect((await web.get(at(done, 'combined/?format=xml'))).status).to.equal(404);
  });

  it('is asked for from a time on (G11, G13)', async () => {
    expect(await sources(at(done, 'combined/?started=2016-01-01T00:00:00Z&format=json'))).to.have.length(5);
    for (const started of ['2999-01-01T00:00:00Z', 'PT0S']) {
      const { status, text } = await web.get(at(done, `combined/?started=${started}`));
      expect([status, text], started).to.deep.equal([204, '']);
    }
    for (const stream of ['combined', 'stdout', 'stderr'])
      expect((await web.get(at(done, `${stream}/?started=BAD`))).json).to.deep.equal({
        detail: 'Invalid ISO timestamp format for parameter: started',
      });
  });

  it('grows while the execution runs (G5, G7)', async () => {
    const id = await makeLogged(web, [['stdout', 'first']]);
    const before = (await web.get(at(id))).json;
    expect(before).to.include({ status: 'RUNNING', is_finished: false, stdout: 'first\n', stderr: '' });
    const execution = await known(web.room.store.read.execution(id));
    const log = await web.room.logs.write(execution.run.id);
    log.append('stdout', 'second\n');
    await log.end();
    expect((await web.get(at(id))).json).to.include({ stdout: 'first\nsecond\n' });
    const [, newest] = await sources(at(id, 'stdout/'));
    const more = await sources(at(id, `combined/?started=${newest?.['@timestamp']}`));
    expect(more.at(-1)).to.deep.equal(newest);
    await making(web.room, async ({ tx, end }) => {
      const attempt = await known(newestAttempt(tx, execution.run.id));
      await end({ run: await known(tx.run(execution.run.id)), attempt }, Date.now(), { lastLine: 2 });
    });
    expect((await web.get(at(id))).json).to.include({ is_finished: true, stdout: 'first\nsecond\n' });
  });

  it('is its own part of the log of the run', async () => {
    const { run, first } = await making(web.room, async (make) => {
      const made = await make.run(await someJob(make.tx, { slug: 'twice' }), Date.now() - 60_000);
      return { run: made, first: await make.take('node', Date.now() - 50_000) };
    });
    const write = async (text: string): Promise<void> => {
      const log = await web.room.logs.write(run.id);
      log.append('stdout', text);
      await log.end();
    };
    await write('a\nb\n');
    await making(web.room, async ({ tx, end, take }) => {
      await tx.recordProgress(first.attempt.id, first.attempt.leaseId ?? '', { firstLine: 1 });
      // As where its worker is gone: nobody said where its lines end.
      await end(first, Date.now() - 40_000, { reason: 'lost' });
      const second = await take('node', Date.now());
      await tx.recordProgress(second.attempt.id, second.attempt.leaseId ?? '', { firstLine: 3 });
    });
    await write('c\n');
    const [one, two] = await web.room.store.read.attempts(run.id);
    expect((await web.get(at(one?.key ?? 0))).json).to.include({ stdout: 'a\nb\n', status: 'FAILED' });
    expect((await web.get(at(two?.key ?? 0))).json).to.include({ stdout: 'c\n', status: 'RUNNING' });
    expect((await sources(at(two?.key ?? 0, 'combined/'))).map((line) => line.scale_order_num)).to.deep.equal(
      [3],
    );
  });

  it('of many lines is read on from its last time, as the page does, without losing one', async () => {
    const id = await makeLogged(
      web,
      Array.from({ length: 26_000 }, (_, i) => ['stdout', `${i}`] as const),
      {},
    );
    const seen = new Set<number>();
    let started = '';
    for (let before = -1; before < seen.size;) {
      before = seen.size;
      const lines = await sources(at(id, `combined/${started}`));
      expect(lines.length).to.be.greaterThan(0);
      const numbers = lines.map((line) => line.scale_order_num);
      expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b));
      const times = lines.map((line) => line['@timestamp']);
      expect(times).to.deep.equal(times.toSorted());
      for (const number of numbers) seen.add(number);
      started = `?started=${lines.at(-1)?.['@timestamp']}`;
    }
    expect(seen.size).to.equal(26_000);
    const { json } = await web.get(at(id));
    expect(json['stdout']).to.equal(Array.from({ length: 26_000 }, (_, i) => `${i}\n`).join(''));
  }).timeout(20_000);

  it('says where lines of it were removed', async () => {
    const line = 'x'.repeat(1000);
    const id = await makeLogged(
      web,
      Array.from({ length: 4000 }, () => ['stdout', line] as const),
      {},
    );
    const { json } = await web.get(at(id));
    expect(json['stderr']).to.match(/^… \d+ lines left out …\n$/);
    const missing = Number(/\d+/.exec(String(json['stderr']))?.[0]);
    expect(String(json['stdout']).length).to.equal((4000 - missing) * 1001);
    const lines = await sources(at(id, 'combined/'));
    expect(new Set(lines.map((one) => one.scale_order_num)).size).to.equal(4000 - missing + 1);
    expect(lines.find(({ stream }) => stream === 'stderr')?.message).to.equal(
      `… ${missing} lines left out …`,
    );
  });

  it('that was put away is empty', async () => {
    const id = await makeLogged(web, [['stdout', 'gone']], {});
    const { run } = await known(web.room.store.read.execution(id));
    await web.room.store.write((tx) => tx.apply(run, undefined, { run: { archivedAt: Date.now() } }, ''));
    expect((await web.get(at(id))).json).to.include({ stdout: '', stderr: '' });
    expect((await web.get(at(id, 'combined/'))).status).to.equal(204);
  });

  it('lets the log go when a reader leaves in the middle', async () => {
    const id = await makeLogged(
      web,
      Array.from({ length: 900 }, () => ['stdout', 'y'.repeat(1000)] as const),
      {},
    );
    const aborted = new AbortController();
    const { room } = web;
    let open = 0;
    const { follow } = room.logs;
    room.logs.follow = (...of) => {
      open++;
      const follower = follow(...of);
      return {
        ...follower,
        take: follower.take,
        close: () => (open--, follower.close()),
        get next() {
          return follower.next;
        },
      };
    };
    const headers = { Authorization: 'Bearer the-token-of-the-administrator' };
    const address = `http://127.0.0.1:${web.port}${at(id, 'combined/?format=txt')}`;
    const response = await fetch(address, { headers, signal: aborted.signal });
    await response.body?.getReader().read();
    aborted.abort();
    await fetch(address, { headers, method: 'HEAD' });
    await waitFor('every reader to be gone', async () => open === 0);
    room.logs.follow = follow;
  });

  it('of one that waits is empty (G5)', async () => {
    await makeF2(web, Date.now());
    const [waiting] = await web.ids('/job-executions/?status=QUEUED&page_size=1');
    expect((await web.get(at(waiting ?? 0))).json).to.include({ is_finished: false, stdout: '', stderr: '' });
    expect((await web.get(at(waiting ?? 0, 'combined/'))).status).to.equal(204);
  });
});
