import { expect } from 'chai';
import { preview } from '../../../server/room/submit/preview.ts';
import { submit, submitMany } from '../../../server/room/submit/submit.ts';
import { onBothStores } from '../store/bothStores.ts';
import type { TemporaryStore } from '../store/temporaryStore.ts';
import { openWorkshop, payload, refusal, start, type Workshop } from './workshop.ts';

const hashOfNothing = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
const hour = 3_600_000;

onBothStores('a submission', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  it('makes a queued run with the defaults of its kind', async () => {
    const job = await shop.job({ tags: { a: '1', b: '2' }, defaultRunMetadata: { from: 'job', by: 'job' } });
    const { run, outcome } = await shop.submit(job, {
      ...payload({ dependency_key: 'd' }),
      tags: { b: '3' },
      metadata: { by: 'caller' },
    });
    expect(outcome).to.equal('created');
    expect(run).to.include({ state: 'queued', attempt: 1, priority: 0, trigger: 'api', queue: 'default' });
    expect(run).to.include({ maxAttempts: 3, timeoutMs: 300_000, jobVersion: 1, expiresAt: start + 360_000 });
    expect(run.tags).to.deep.equal({ a: '1', b: '3' });
    expect(run.metadata).to.deep.equal({ from: 'job', by: 'caller', dependency_key: 'd' });
    expect(await store.read.runBody(run.id)).to.deep.equal({
      payload: '{"dependency_key":"d"}',
      output: null,
    });
    expect((await shop.trigger(job, payload({}))).payloadHash).to.equal(hashOfNothing);
  });

  it('refuses what no run can be made of', async () => {
    const job = await shop.job({
      payloadSchema: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
    });
    const why = async (wish: object) => {
      const { code, message } = await refusal(shop.submit(job, wish));
      return `${code}: ${message}`;
    };
    expect(await why(payload({}))).to.equal('validation_error: payload validation failed: $.a is required');
    expect(await why(payload({ a: 1.5 }))).to.match(/\$\.a must be integer/);
    for (const priority of [-1, 11, 0.5]) expect(await why({ priority })).to.match(/priority must be/);
    for (const ttlSecs of [-1, 2_592_001]) expect(await why({ ttlSecs })).to.match(/ttl_secs must be/);
    for (const field of ['idempotencyKey', 'concurrencyKey', 'debounceKey']) {
      expect(await why({ [field]: 'x'.repeat(257) })).to.match(/_key is too long/);
      expect(await why({ [field]: 'a\0b' })).to.match(/^validation_error/);
    }
    expect(await why({ scheduledAt: start - 61_000 })).to.match(/must not be in the past/);
    expect(await why({ scheduledAt: start + 31 * 24 * hour })).to.match(/at most 30 days/);
    expect(await why({ scheduledAt: NaN })).to.match(/must be a time/);
    const large = 'x'.repeat(5 * 1024 * 1024);
    expect(await why(payload({ a: 1, large }))).to.equal(
      'payload_too_large: payload too large (max 5242880 bytes)',
    );
    const unknown = refusal(submit(shop.room, { job: { id: 'nobody' }, trigger: 'api' }));
    expect(await unknown).to.include({ code: 'not_found', message: 'job not found' });
    await store.write((tx) => tx.setJobFlags([job.id], { enabled: false }, start));
    expect(await why(payload({ a: 1 }))).to.equal('job_disabled: job is disabled');
    expect(await store.read.runs({ project: shop.project }, { limit: 1 })).to.deep.equal([]);
  });

  it('finds the run of its idempotency key until that has ended, key by key and job by job', async () => {
    const [job, other] = [await shop.job(), await shop.job()];
    const first = await shop.submit(job, { idempotencyKey: 'k', ...payload({ a: 1 }) });
    const hit = await shop.submit(job, { idempotencyKey: 'k', ...payload({ a: 2 }) });
    expect(hit).to.include({ outcome: 'idempotent' });
    expect(hit.run.id).to.equal(first.run.id);
    for (const wish of [{ idempotencyKey: 'K' }, { idempotencyKey: ' k' }, {}])
      expect(await shop.submit(job, wish)).to.include({ outcome: 'created' });
    expect(await shop.submit(other, { idempotencyKey: 'k' })).to.include({ outcome: 'created' });
    await shop.work(first.run);
    const next = await shop.submit(job, { idempotencyKey: 'k' });
    expect(next.outcome).to.equal('created');
    const delayed = { idempotencyKey: 'later', scheduledAt: start + hour };
    const held = await shop.trigger(job, delayed);
    expect((await shop.trigger(job, { idempotencyKey: 'later' })).id).to.equal(held.id);
  });

  it('makes one run of twenty triggers at once with one key', async () => {
    const job = await shop.job();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => shop.submit(job, { idempotencyKey: 'k' })),
    );
    expect(new Set(all.map(({ run }) => run.id)).size).to.equal(1);
    expect(all.filter(({ outcome }) => outcome === 'created')).to.have.length(1);
  });

  it('refuses more triggers than the job allows in a window, and says when to come again', async () => {
    const job = await shop.job({ rateLimitMax: 2, rateLimitWindowSecs: 60 });
    const key = { idempotencyKey: 'k' };
    await shop.trigger(job, key);
    shop.jump(20_000);
    await shop.trigger(job);
    const refused = await refusal(shop.submit(job));
    expect(refused).to.include({
      code: 'rate_limited',
      message: 'job rate limit exceeded',
      retryAfterSecs: 40,
    });
    expect(await shop.submit(job, key)).to.include({ outcome: 'idempotent' });
    shop.jump(39_999);
    await refusal(shop.submit(job));
    shop.jump(1);
    await shop.trigger(job);
    // What the clock says lies far ahead is no reason to refuse for long.
    shop.jump(-30 * 24 * hour);
    await shop.trigger(job);
  });

  it('takes the same payload for a duplicate within the window, however its keys are ordered', async () => {
    const job = await shop.job({ dedupWindowSecs: 300 });
    const first = await shop.trigger(job, payload({ a: 1, b: 2 }));
    const again = await shop.submit(job, payload({ b: 2, a: 1 }));
    expect(again.outcome).to.equal('duplicate');
    expect(again.run.id).to.equal(first.id);
    expect((await shop.submit(job, payload({ a: 1 }))).outcome).to.equal('created');
    await shop.work(first);
    expect((await shop.submit(job, payload({ a: 1, b: 2 }))).outcome).to.equal('duplicate');
    shop.jump(300_000);
    expect((await shop.submit(job, payload({ a: 1, b: 2 }))).outcome).to.equal('created');
  });

  it('holds debounced triggers together, key by key, until there is silence', async () => {
    const job = await shop.job({ debounceWindowSecs: 30 });
    const first = await shop.submit(job, { debounceKey: 'x', ...payload({ n: 1 }) });
    expect(first.outcome).to.equal('debounced');
    expect(first.run).to.include({ state: 'delayed', scheduledAt: start + 30_000 });
    await shop.pass(20_000);
    const second = await shop.submit(job, { debounceKey: 'x', ...payload({ n: 2 }) });
    expect(second.outcome).to.equal('debounced');
    expect(second.run).to.include({ id: first.run.id, scheduledAt: start + 50_000 });
    expect((await shop.trigger(job, { debounceKey: 'y' })).id).to.not.equal(first.run.id);
    await shop.pass(29_999);
    expect(await shop.state(first.run)).to.equal('delayed');
    await shop.pass(1);
    expect(await shop.state(first.run)).to.equal('queued');
    expect((await store.read.runBody(first.run.id)).payload).to.equal('{"n":2}');
    expect((await shop.run(first.run)).payloadHash).to.equal(second.run.payloadHash);
    expect((await shop.trigger(job, { debounceKey: 'x' })).id).to.not.equal(first.run.id);
  });

  it('delays what is to start later, and what falls outside of the execution window', async () => {
    const job = await shop.job();
    const later = await shop.trigger(job, { scheduledAt: start + hour, ttlSecs: 60 });
    expect(later).to.include({ state: 'delayed', attempt: 0, scheduledAt: start + hour });
    expect(later.expiresAt).to.equal(start + hour + 60_000);
    const skewed = await shop.trigger(job, { scheduledAt: start - 59_000 });
    expect(skewed).to.include({ state: 'queued', scheduledAt: null });
    const windowed = await shop.job({ executionWindowCron: '0 0 1 1 *' });
    const run = await shop.trigger(windowed);
    expect(run).to.include({ state: 'delayed', scheduledAt: Date.parse('2027-01-01T00:00:00Z') });
    const lost = await shop.job({ executionWindowCron: '0 0 1 1 *', timezone: 'No/Where' });
    expect((await refusal(shop.submit(lost))).message).to.match(/timezone No\/Where/);
  });

  it('previews without a trace', async () => {
    const job = await shop.job({
      payloadSchema: { required: ['a'] },
      rateLimitMax: 1,
      rateLimitWindowSecs: 60,
    });
    const wish = {
      job: { id: job.id },
      trigger: 'api' as const,
      scheduledAt: start + hour,
      idempotencyKey: 'k',
    };
    const seen = await preview(shop.room, { ...wish, ...payload({ a: 1 }) });
    expect(seen).to.include({ state: 'delayed', scheduledAt: start + hour, payloadText: '{"a":1}' });
    expect(seen.expiresAt).to.equal(start + hour + 360_000);
    expect(await refusal(preview(shop.room, { ...wish, ...payload({}) }))).to.include({
      code: 'validation_error',
    });
    expect(await shop.submit(job, { idempotencyKey: 'k', ...payload({ a: 1 }) })).to.include({
      outcome: 'created',
    });
    await store.write((tx) => tx.setJobFlags([job.id], { enabled: false }, start));
    expect(await refusal(preview(shop.room, wish))).to.include({ code: 'job_disabled' });
  });

  it('in bulk are all there or none, and meet keys of each other', async () => {
    const job = await shop.job({ payloadSchema: { required: ['a'] } });
    const one = { job: { id: job.id }, trigger: 'api' as const };
    const good = { ...one, ...payload({ a: 1 }) };
    const refused = await refusal(submitMany(shop.room, [good, { ...one, ...payload({}) }]));
    expect(refused.message).to.equal('items[1]: payload validation failed: $.a is required');
    expect(await refusal(submitMany(shop.room, [good, { ...good, priority: 11 }]))).to.include({
      code: 'validation_error',
    });
    expect(await store.read.openRuns(job.id, 10)).to.deep.equal([]);
    const keyed = { ...good, idempotencyKey: 'k' };
    const all = await submitMany(shop.room, [good, keyed, keyed, { ...good, scheduledAt: start + hour }]);
    expect(all.map(({ outcome }) => outcome)).to.deep.equal(['created', 'created', 'idempotent', 'created']);
    expect(all[2]?.run.id).to.equal(all[1]?.run.id);
    expect(all[3]?.run.state).to.equal('delayed');
  });
});

onBothStores('a submission of an image job', (open) => {
  let store: TemporaryStore;
  let shop: Workshop;
  before(async () => (store = await open()));
  beforeEach(() => (shop = openWorkshop(store)));
  afterEach(() => shop.close());
  after(() => store.remove());

  const image = { source: { account: 'acme', repo: 'site' }, dockerfile: 'Dockerfile' };

  it('makes the job on first use, keeps the token sealed, and knows a delivery again', async () => {
    const wish = {
      job: { project: shop.project, slug: 'site' },
      trigger: 'webhook' as const,
      ref: 'main',
      token: 'hunter2',
      delivery: { source: 'github', id: shop.project },
    };
    const { run, job, outcome } = await submit(shop.room, wish);
    expect(outcome).to.equal('created');
    expect(run).to.include({ kind: 'image', ref: 'main', timeoutMs: 1_800_000, expiresAt: null });
    expect(job.definition.image).to.deep.include({ dockerfile: 'Dockerfile' });
    const sealed = await store.read.secret(run.id, 'api_token');
    expect(shop.room.sealer.open(sealed ?? '', run.id)).to.equal('hunter2');
    const again = await submit(shop.room, wish);
    expect(again).to.include({ outcome: 'repeated' });
    expect(again.run.id).to.equal(run.id);
    await shop.work(run);
    expect(await store.read.secret(run.id, 'api_token')).to.equal(undefined);
    await store.write((tx) => tx.setJobFlags([job.id], { enabled: false }, start));
    const named = { job: wish.job, trigger: 'api' as const, ref: 'main' };
    expect(await refusal(submit(shop.room, named))).to.include({ code: 'conflict' });
    const http = await shop.job({}, 'other');
    const asBuild = { ...named, job: { project: shop.project, slug: http.slug } };
    expect(await refusal(submit(shop.room, asBuild))).to.include({ code: 'conflict' });
  });

  it('builds the ref of the request, of the payload, or of the job', async () => {
    const job = await shop.job({ image });
    const withRef = await shop.job({ image: { ...image, ref: 'stable' }, supersedePolicy: 'queue' });
    expect((await shop.trigger(job, { ref: 'a', ...payload({ ref: 'b' }) })).ref).to.equal('a');
    expect((await shop.trigger(job, payload({ ref: 'b' }))).ref).to.equal('b');
    expect(await shop.trigger(withRef)).to.include({ ref: 'stable', concurrencyKey: 'stable' });
    expect((await shop.trigger(job, { ref: 'a' })).concurrencyKey).to.equal(null);
    expect((await refusal(shop.submit(job))).message).to.match(/payload\.ref is missing/);
    expect(await refusal(shop.submit(job, payload({ ref: '--upload-pack=x' })))).to.include({
      code: 'validation_error',
    });
    for (const one of [job, withRef])
      expect(await refusal(shop.submit(one, payload({ ref: 7 })))).to.include({
        field: 'payload.ref',
        message: 'payload.ref must be a string',
      });
    expect((await shop.trigger(withRef, payload({ ref: null }))).ref).to.equal('stable');
  });
});
