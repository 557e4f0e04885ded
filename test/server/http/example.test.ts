import { expect } from 'chai';
import { getJob, postJob, untilEnded } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorld, type World } from '../../fixtures/world.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const zeroTime = '0001-01-01T00:00:00Z';

describe('the example of the README', () => {
  let world: World;
  let commit: string;

  before(async () => {
    world = await openWorld();
    const repository = await createRepository(
      world.git,
      'modcloth/docker-builder',
      {
        Dockerfile: 'FROM busybox\nRUN seq 1 150\nCMD ["echo", "hello"]\n',
      },
      { branch: 'master' },
    );
    commit = repository.commit;
  });
  after(() => world.close());

  it('goes through the four requests of the document, field by field', async () => {
    const made = await world.server.request('/jobs', {
      method: 'POST',
      // What `curl -d` sends.
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: '{"account":"modcloth","repo":"docker-builder","ref":"master"}',
    });
    expect(made.status).to.equal(202);
    const job = (await made.json()) as Record<string, unknown>;
    expect(Object.keys(job).filter((key) => key !== 'info_route')).to.deep.equal([
      'account',
      'archived',
      'completed',
      'created',
      'id',
      'log_route',
      'ref',
      'repo',
      'status',
    ]);
    const id = String(job['id']);
    expect(id).to.match(uuid);
    expect(job['created']).to.match(time);
    expect(job).to.include({
      account: 'modcloth',
      archived: zeroTime,
      completed: zeroTime,
      log_route: `/jobs/${id}/tail?n=100`,
      ref: 'master',
      repo: 'docker-builder',
      status: 'created',
    });

    const ended = await untilEnded(world.server, id);
    expect(ended.status, ended.error).to.equal('completed');
    expect(ended.completed).to.match(time).and.not.equal(zeroTime);
    expect(ended.archived).to.equal(zeroTime);
    expect(ended.commit).to.equal(commit);
    expect(ended.image?.tags).to.include('modcloth/docker-builder:master');

    const list = (await (await world.server.request('/jobs')).json()) as Record<string, { id: string }>;
    expect(Object.keys(list)).to.deep.equal([id]);
    expect(list[id]).to.include({ account: 'modcloth', ref: 'master', status: 'completed' });

    const tail = await world.server.request(`/jobs/${id}/tail?n=100`);
    expect(tail.headers.get('content-type')).to.match(/^text\/plain/);
    const lines = (await tail.text()).split('\n');
    expect(lines).to.have.length(101);
    expect(lines).to.include('150').and.not.include('2');
  });

  it('makes an image that runs', async () => {
    const id = (await postJob(world.server, { account: 'modcloth', repo: 'docker-builder', ref: 'master' }))
      .id;
    await untilEnded(world.server, id);
    const image = (await getJob(world.server, id)).image?.id ?? '';
    expect(await world.engine.docker('run', '--rm', '--network=none', image)).to.equal('hello');
  });
});
