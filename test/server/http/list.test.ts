import { expect } from 'chai';
import { postJob } from '../../fixtures/jobs.ts';
import { startServer, type TestServer } from '../../fixtures/server.ts';

describe('GET /jobs', () => {
  let server: TestServer;
  const ids: string[] = [];

  before(async () => {
    server = await startServer({
      env: {
        DOCKER_HOST: 'unix:///nowhere.sock',
        DOCKER_BUILDER_GIT_URL: 'http://127.0.0.1:9/{account}/{repo}.git',
      },
    });
    expect(await (await server.request('/jobs')).text()).to.equal('{}');
    for (let i = 0; i < 6; i++) {
      const order = { account: i % 2 ? 'odd' : 'even', repo: 'app', ref: `r${i}`, bobfile: `Bob${i % 3}` };
      ids.unshift((await postJob(server, order)).id);
    }
    await server.request(`/jobs/${ids[0]}`, { method: 'DELETE' });
  });
  after(() => server.close());

  async function list(query: string): Promise<{ ids: string[]; total: string | null; link: string | null }> {
    const response = await server.request(`/jobs?${query}`);
    expect(response.status).to.equal(200);
    const jobs = (await response.json()) as Record<string, unknown>;
    const { headers } = response;
    return { ids: Object.keys(jobs), total: headers.get('x-total-count'), link: headers.get('link') };
  }
  const pick = (...positions: number[]) => positions.map((position) => ids[position]);

  it('lists newest first', async () => {
    expect(await list('')).to.deep.equal({ ids, total: '6', link: null });
  });

  it('filters exactly and together', async () => {
    expect((await list('account=odd')).ids).to.deep.equal(pick(0, 2, 4));
    expect((await list('repo=app&account=even')).ids).to.deep.equal(pick(1, 3, 5));
    expect((await list('ref=r3')).ids).to.deep.equal(pick(2));
    expect((await list('bobfile=Bob0')).ids).to.deep.equal(pick(2, 5));
    expect((await list('bobfile=Bob0&account=odd')).ids).to.deep.equal(pick(2));
    expect((await list(`id=${ids[4]}`)).ids).to.deep.equal(pick(4));
    expect((await list('id=nothing')).ids).to.deep.equal([]);
    expect((await list('repo=APP')).ids).to.deep.equal([]);
    expect((await list('unknown=1')).ids).to.deep.equal(ids);
    expect((await list('account=odd&account=even')).ids).to.deep.equal(pick(0, 2, 4));
  });

  it('filters by status and counts what it filters', async () => {
    expect(await list('status=canceled')).to.deep.equal({ ids: pick(0), total: '1', link: null });
    expect(await list('status=created')).to.deep.equal({ ids: pick(1, 2, 3, 4, 5), total: '5', link: null });
    for (const status of ['cloning', 'building', 'pushing', 'completed', 'errored', 'archived'])
      expect(await list(`status=${status}`), status).to.deep.equal({ ids: [], total: '0', link: null });
    expect((await server.request('/jobs?status=done')).status).to.equal(400);
  });

  it('pages, and says where the rest is', async () => {
    const first = await list('limit=4');
    expect(first).to.deep.include({ ids: pick(0, 1, 2, 3), total: '6' });
    expect(first.link).to.equal(`</jobs?limit=4&before=${ids[3]}>; rel="next"`);
    expect((await list(`limit=4&before=${ids[3]}`)).ids).to.deep.equal(pick(4, 5));
    expect((await list('limit=all')).ids).to.deep.equal(ids);
    for (const query of ['limit=0', 'limit=x', 'before=nothing'])
      expect((await server.request(`/jobs?${query}`)).status, query).to.equal(400);
  });
});
