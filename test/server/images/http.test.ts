import { expect } from 'chai';
import type { ImageResult } from '../../../builder/model/spec.ts';
import { someImage } from '../../fixtures/image.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { builtRun, recorded } from '../store/builtRun.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';

type Json = Record<string, unknown>;

const idOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const one = 'quay.io/acme/site:1';
const image: ImageResult = {
  ...someImage,
  id: idOf('a'),
  tags: [one],
  pushed: [{ repository: 'quay.io/acme/site', tags: ['1'], digest: idOf('d') }],
  base: { name: 'busybox', id: idOf('b'), digest: idOf('c') },
  builder: 'classic',
  durationMs: 1500,
  labels: { a: 'b' },
  layers: [{ instruction: 'RUN true', bytes: 4 }],
  steps: [{ number: 1, total: 1, instruction: 'RUN true', cached: true, startedAt: 0, durationMs: 3 }],
};

describe('GET /images', () => {
  let web: TestWeb;
  let admin: string;
  let runs: string[];

  before(async () => {
    web = await openTestWeb();
    admin = (await web.makeKey({ project: null, scopes: ['runs:read'] })).text;
    const { store } = web.room;
    const many = {
      ...image,
      id: idOf('9'),
      layers: Array.from({ length: 300 }, () => ({ instruction: 'x'.repeat(5000), bytes: 1 })),
      steps: Array.from({ length: 201 }, (_, i) => {
        return { number: i + 1, total: 201, instruction: 'RUN x', cached: i < 2, startedAt: 0 };
      }),
    };
    const made = [
      await builtRun(store, { project: 'acme', slug: 'site' }, [recorded(image)], 1000),
      await builtRun(
        store,
        { project: 'acme', slug: 'site' },
        [{ ...image, bytes: 7, durationMs: 1000 }],
        2000,
      ),
      await builtRun(store, { project: 'acme', slug: 'other' }, [{ ...someImage, name: 'other' }], 3000),
      await builtRun(store, { project: 'foe', slug: 'site' }, [image, { ...many, name: 'many' }], 4000),
    ];
    runs = made.map(({ runId }) => runId);
  });
  after(() => web.close());

  /** Asks, and holds the answer against the document. */
  async function ask(path: string, key = admin) {
    const answer = await web.ask('GET', path, { key });
    checkAnswer('GET', path, answer.status, answer.text);
    return answer;
  }
  const ids = async (query: string, key?: string) => {
    const { status, text } = await ask(`/images${query}`, key);
    expect(status, text).to.equal(200);
    return (JSON.parse(text) as Json[]).map(({ id }) => id);
  };

  it('lists them newest first, with what is known of them but their parts', async () => {
    expect(await ids('')).to.deep.equal([5, 4, 3, 2, 1]);
    const { text } = await ask('/images?project=acme&job=site');
    const [second, first] = JSON.parse(text) as [Json, Json];
    expect(first).to.deep.equal({
      id: 1,
      image_id: idOf('a'),
      name: 'site',
      project: 'acme',
      job: 'site',
      job_id: first['job_id'],
      run: runs[0],
      engine: 'one',
      tags: [one],
      pushed: image.pushed,
      bytes: 5,
      platform: 'linux/amd64',
      base: image.base,
      builder: 'classic',
      duration_ms: 1500,
      cached_steps: 1,
      steps_count: 1,
      built_at: '1970-01-01T00:00:01.000Z',
    });
    expect(second).to.deep.include({ id: 2, difference: { bytes: 2, duration_ms: -500, to: 1 } });
  });

  it('takes filters that hold together', async () => {
    expect(await ids('?account=acme')).to.deep.equal([3, 2, 1]);
    expect(await ids('?account=acme&repo=other')).to.deep.equal([3]);
    expect(await ids(`?run=${runs[1]}`)).to.deep.equal([2]);
    expect(await ids(`?run=${runs[1]}&project=foe`)).to.deep.equal([]);
    expect(await ids(`?run=${runs[1]}&project=acme&job=other`)).to.deep.equal([]);
    expect(await ids(`?tag=${one}`)).to.deep.equal([5, 4, 2, 1]);
    expect(await ids(`?tag=${one}&project=acme&job=site`)).to.deep.equal([2, 1]);
    expect(await ids(`?digest=${idOf('d')}&project=foe`)).to.deep.equal([5, 4]);
    expect(await ids(`?digest=${idOf('9')}&tag=${one}`)).to.deep.equal([5]);
    expect(await ids('?project=nobody')).to.deep.equal([]);
    expect(await ids('?job=nothing')).to.deep.equal([]);
    const { text } = await ask('/images/1');
    const job = String((JSON.parse(text) as Json)['job_id']);
    expect(await ids(`?job=${job}`)).to.deep.equal([2, 1]);
    expect(await ids(`?job=${job}&project=foe`)).to.deep.equal([]);
  });

  it('says what is wrong with a filter', async () => {
    const wrong = async (query: string) => {
      const { status, json } = await ask(`/images?${query}`);
      return [status, json['field']];
    };
    expect(await wrong('digest=abc')).to.deep.equal([400, 'digest']);
    expect(await wrong('run=5')).to.deep.equal([400, 'run']);
    expect(await wrong('tag=%00')).to.deep.equal([400, 'tag']);
    expect(await wrong(`job=${'x'.repeat(500)}`)).to.deep.equal([400, 'job']);
    expect(await wrong('job=site')).to.deep.equal([409, 'project']);
    expect(await wrong('limit=0')).to.deep.equal([400, 'limit']);
    expect(await wrong('cursor=never')).to.deep.equal([400, 'cursor']);
    const { json } = await ask('/images?cursor=zzz');
    expect(json['message']).to.match(/^cursor must be the next_cursor of the page before it, or a time/);
  });

  it('goes page by page', async () => {
    const seen: unknown[] = [];
    for (let query = '?limit=2', more = true; more;) {
      const { json } = await ask(`/images${query}`);
      seen.push(...(json['data'] as Json[]).map(({ id }) => id));
      more = json['has_more'] === true;
      query = `?limit=2&cursor=${String(json['next_cursor'])}`;
    }
    expect(seen).to.deep.equal([5, 4, 3, 2, 1]);
    const { json } = await ask('/images?cursor=1970-01-01T00:00:03Z');
    expect((json['data'] as Json[]).map(({ id }) => id)).to.deep.equal([2, 1]);
  });

  it('shows one by its number, its id or its digest, of several the newest', async () => {
    const shown = async (name: string, key?: string) => (await ask(`/images/${name}`, key)).json['id'];
    expect(await shown('1')).to.equal(1);
    expect(await shown(idOf('a'))).to.equal(4);
    expect(await shown(encodeURIComponent(idOf('9').toUpperCase()))).to.equal(5);
    expect(await shown(idOf('d'))).to.equal(5);
    const { text: acme } = await web.makeKey({ project: 'acme', scopes: ['runs:read'] });
    expect(await shown(idOf('d'), acme)).to.equal(2);
    const { json } = await ask('/images/1');
    expect(json).to.deep.include({
      labels: { a: 'b' },
      layers_count: 1,
      layers: [{ instruction: 'RUN true', bytes: 4 }],
      steps: [
        {
          number: 1,
          total: 1,
          instruction: 'RUN true',
          cached: true,
          started_at: '1970-01-01T00:00:00.000Z',
          duration_ms: 3,
        },
      ],
    });
  });

  it('answers no more than so much', async () => {
    const { json, text } = await ask('/images/5');
    expect(json).to.include({ layers_count: 300, steps_count: 201, cached_steps: 2 });
    expect((json['layers'] as Json[]).length).to.equal(200);
    expect((json['steps'] as Json[]).length).to.equal(200);
    expect(String((json['layers'] as Json[])[0]?.['instruction']).length).to.equal(2000);
    expect(text.length).to.be.lessThan(500_000);
  });

  it('knows nothing of what is not there, or of another project', async () => {
    const { text: foe } = await web.makeKey({ project: 'foe', scopes: ['runs:read'] });
    for (const name of ['0', '6', '2147483648', '99999999999', 'site', idOf('f'), '1e0', '-1', '%00'])
      expect((await ask(`/images/${name}`)).status, name).to.equal(404);
    for (const name of ['1', '1/provenance', '3']) {
      const { status, json } = await ask(`/images/${name}`, foe);
      expect([status, json['error']], name).to.deep.equal([404, 'image not found']);
    }
    expect(await ids('', foe)).to.deep.equal([5, 4]);
    expect(await ids('?project=acme', foe)).to.deep.equal([]);
    expect(await ids(`?run=${runs[0]}`, foe)).to.deep.equal([]);
    expect(await ids(`?tag=${one}`, foe)).to.deep.equal([5, 4]);
    expect(await ids('?job=other', foe)).to.deep.equal([]);
    expect(await ids('?job=site', foe)).to.deep.equal([5, 4]);
  });

  it('gives the build record as it was written', async () => {
    const { json } = await ask(`/images/1/provenance`);
    expect(json).to.deep.equal(recorded(image).provenance);
    const { status, json: none } = await ask('/images/2/provenance');
    expect([status, none['error']]).to.deep.equal([404, 'the image has no build record']);
  });

  it('is told by the run too: in a list what names it, by itself all', async () => {
    const { json } = await ask(`/v1/runs/${runs[1]}`);
    const result = json['result'] as { commit: string; images: Json[] };
    const names = {
      number: 2,
      name: 'site',
      id: idOf('a'),
      tags: [one],
      pushed: image.pushed,
      bytes: 7,
      platform: 'linux/amd64',
    };
    expect(result.images[0]).to.deep.include({
      ...names,
      base: image.base,
      builder: 'classic',
      duration_ms: 1000,
      difference: { bytes: 2, duration_ms: -500, to: 1 },
      cached_steps: 1,
      steps_count: 1,
      layers: image.layers,
    });
    const { text } = await ask(`/v1/runs?project_id=acme`);
    const run = (JSON.parse(text) as Json[]).find(({ id }) => id === runs[1]);
    expect(run?.['result']).to.deep.equal({ commit: 'c0ffee', images: [{ ...names, labels: { a: 'b' } }] });
    const build = (await ask(`/jobs/${runs[1]}`)).json['image'];
    expect(build).to.deep.include({ key: 2, difference: { bytes: 2, durationMs: -500, to: 1 } });
  });
});
