import { expect } from 'chai';
import { buildJob, getJob, postJob, untilEnded, untilStatus } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorld, type World } from '../../fixtures/world.ts';
import { checkAnswer } from './checkAnswer.ts';

type Json = Record<string, unknown>;
interface ShownRun extends Json {
  id: string;
  status: string;
  result?: { commit?: string; images: { tags: string[]; labels: Record<string, string> }[] };
}

const labelled = (value: string) => `FROM busybox\nLABEL says=${value}\n`;
const slow = 'FROM busybox\nRUN sleep 60\n';

describe('image jobs through /v1', () => {
  let world: World;
  before(async () => (world = await openWorld()));
  after(() => world.close());

  /** Asks, and holds the answer against the document. */
  async function ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; json: Json; list: ShownRun[] }> {
    const response = await world.server.request(path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    checkAnswer(method, path, response.status, text);
    const json: unknown = text === '' ? {} : JSON.parse(text);
    return { status: response.status, json: json as Json, list: json as ShownRun[] };
  }

  async function job(repo: string, fields: object = {}): Promise<string> {
    const image = { source: { account: 'acme', repo, ref: 'main' } };
    const { status, json } = await ask('POST', '/v1/jobs', { name: repo, image, ...fields });
    expect(status, JSON.stringify(json)).to.equal(201);
    return `/v1/jobs/${String(json['id'])}`;
  }

  async function trigger(path: string, body: object = {}): Promise<ShownRun> {
    const { status, json } = await ask('POST', `${path}/trigger`, body);
    expect(status, JSON.stringify(json)).to.equal(202);
    return json as ShownRun;
  }

  const run = async (id: string) => (await ask('GET', `/v1/runs/${id}`)).json as ShownRun;
  const ended = async ({ id }: { id: string }) => {
    await untilEnded(world.server, id);
    return run(id);
  };
  const says = ({ result }: ShownRun) => result?.images[0]?.labels['says'];

  it('are those of /jobs: either door shows and builds what the other one made', async () => {
    const repository = await createRepository(world.git, 'acme/both', { Dockerfile: labelled('main') });
    const commit = await repository.update({ Dockerfile: labelled('dev') }, { branch: 'dev' });
    const built = await buildJob(world.server, { account: 'acme', repo: 'both', ref: 'main' });
    const { list: jobs } = await ask('GET', '/v1/jobs?project_id=acme');
    expect(jobs).to.have.length(1);
    expect(jobs[0]).to.deep.include({
      slug: 'both',
      kind: 'image',
      endpoint_url: '',
      created_at: built.created,
    });
    const shown = await run(built.id);
    expect(shown).to.include({ job_id: jobs[0]?.['id'], status: 'completed', triggered_by: 'manual' });
    expect([shown.result?.commit, says(shown)]).to.deep.equal([repository.commit, 'main']);

    const path = '/v1/jobs/both/trigger?project_id=acme';
    expect((await ask('POST', path, {})).json['error']).to.match(/^payload\.ref is missing/);
    const { json } = await ask('POST', path, { payload: { ref: 'dev' } });
    const other = await ended(json as ShownRun);
    expect([other.status, other.result?.commit, says(other)]).to.deep.equal(['completed', commit, 'dev']);
    const seen = await getJob(world.server, other.id);
    expect(seen).to.include({ account: 'acme', repo: 'both', ref: 'dev', status: 'completed', commit });
    expect(seen.image?.tags).to.deep.equal(other.result?.images[0]?.tags);
    const { list: runs } = await ask('GET', '/v1/runs?project_id=acme');
    expect(runs.map(({ id }) => id)).to.deep.equal([other.id, built.id]);
  });

  it('build what their version says that they were triggered with', async () => {
    await createRepository(world.git, 'acme/pinned', { Dockerfile: labelled('old'), Next: labelled('new') });
    const path = await job('pinned');
    await ask('POST', `${path}/pause`);
    const before = await trigger(path);
    expect((await ask('PATCH', path, { image: { dockerfile: 'Next' } })).json).to.include({ version: 2 });
    const after = await postJob(world.server, { account: 'acme', repo: 'pinned', ref: 'main' });
    await ask('POST', `${path}/resume`);
    const [first, second] = await Promise.all([before, after].map(ended));
    expect([first?.['job_version'], first && says(first)]).to.deep.equal([1, 'old']);
    expect([second?.['job_version'], second && says(second)]).to.deep.equal([2, 'new']);
  });

  it('stop when they are canceled, and fail for good where trying again mends nothing', async () => {
    await createRepository(world.git, 'acme/broken', {
      Dockerfile: 'FROM busybox\nRUN exit 3\n',
      Slow: slow,
    });
    const path = await job('broken');
    const failed = await ended(await trigger(path, { tags: { a: 'b' } }));
    expect(failed).to.deep.include({ status: 'dead_letter', attempt: 1, tags: { a: 'b' } });
    await ask('POST', `${path}/pause`);
    const { status, json: again } = await ask('POST', `/v1/runs/${failed.id}/replay`);
    expect([status, again['parent_run_id'], again['tags']]).to.deep.equal([201, failed.id, { a: 'b' }]);
    expect((await ask('DELETE', `/v1/runs/${String(again['id'])}`)).status).to.equal(204);
    await ask('POST', `${path}/resume`);

    await ask('PATCH', path, { image: { dockerfile: 'Slow' } });
    const { id } = await trigger(path);
    await untilStatus(world.server, id, ['building']);
    expect((await ask('DELETE', path)).status).to.equal(409);
    expect((await ask('DELETE', `/v1/runs/${id}`)).status).to.equal(204);
    expect(await ended({ id })).to.include({ status: 'canceled', error: 'canceled on request' });
    expect((await getJob(world.server, id)).status).to.equal('canceled');
    expect((await ask('DELETE', path)).status).to.equal(204);
  });

  it('give way to a newer build of the same ref where the job says so', async () => {
    const repository = await createRepository(world.git, 'acme/newer', { Dockerfile: slow });
    const path = await job('newer', { supersede_policy: 'cancel_in_progress' });
    const old = await trigger(path);
    await untilStatus(world.server, old.id, ['building']);
    await repository.update({ Dockerfile: labelled('newer') });
    const next = await postJob(world.server, { account: 'acme', repo: 'newer', ref: 'main' });
    expect(await ended(old)).to.include({ status: 'canceled', error: `run ${next.id} took its place` });
    const done = await ended(next);
    expect([done.status, says(done), done['concurrency_key']]).to.deep.equal(['completed', 'newer', 'main']);
  });
});
