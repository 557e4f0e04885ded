import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { getJob, postJob, tailOf, untilEnded } from '../fixtures/jobs.ts';
import { createRepository } from '../fixtures/repository.ts';
import { openWorld, type World } from '../fixtures/world.ts';

const run = promisify(execFile);
const token = 'tok-8f1c3b5a7d9e';
const encoded = Buffer.from(`x-access-token:${token}`).toString('base64');

describe('the token of a private repository', () => {
  let world: World;
  let id: string;

  before(async () => {
    world = await openWorld({ git: { users: { 'x-access-token': token } } });
    const dockerfile = `FROM busybox\nCOPY . /src\nRUN echo ${token} && echo ${encoded} && find /src\n`;
    await createRepository(world.git, 'acme/private', { Dockerfile: dockerfile }, { branch: 'main' });
    id = (await postJob(world.server, { account: 'acme', repo: 'private', ref: 'main', api_token: token }))
      .id;
    const job = await untilEnded(world.server, id);
    expect(job.status, job.error).to.equal('completed');
  });
  after(() => world.close());

  it('is needed', async () => {
    const { id: without } = await postJob(world.server, { account: 'acme', repo: 'private', ref: 'main' });
    expect(await untilEnded(world.server, without)).to.include({ status: 'errored', reason: 'source_auth' });
  });

  it('is masked in the log, also where the build prints it', async () => {
    const log = await tailOf(world.server, id);
    expect(log).to.contain('********').and.not.contain(token).and.not.contain(encoded);
  });

  it('is in no answer, in no file of the data folder, in no image and in no log of the server', async () => {
    for (const path of [`/jobs/${id}`, '/jobs', `/jobs/${id}/attempts`, `/jobs/${id}/log`]) {
      const text = await (await world.server.request(path)).text();
      expect(text, path).not.to.contain(token).and.not.contain(encoded);
    }
    const found = await run('grep', ['-rl', '-e', token, '-e', encoded, world.server.data]).catch(() => ({
      stdout: '',
    }));
    expect(found.stdout).to.equal('');
    expect(world.server.output()).not.to.contain(token);
    const image = (await getJob(world.server, id)).image?.id ?? '';
    const files = await world.engine.docker('run', '--rm', '--network=none', image, 'find', '/src');
    expect(files.split('\n').toSorted()).to.deep.equal(['/src', '/src/Dockerfile']);
  });
});
