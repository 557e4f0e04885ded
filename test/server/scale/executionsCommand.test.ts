import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { JobDefinition, JobKind } from '../../../server/words/job.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { making, openScale, type ScaleWeb, type Shown, someJob } from './executionFixture.ts';

const source = { account: 'acme', repo: 'site' };

describe('how an execution is done', () => {
  let web: ScaleWeb;
  let jobs = 0;
  before(async () => {
    web = await openScale({ env: { TOKEN: 'the-token-of-the-administrator', APITOKEN: 'git-password-1' } });
  });
  after(() => web.close());

  async function command(kind: JobKind, definition: JobDefinition): Promise<unknown> {
    await making(web.room, async (make) => {
      const job = await someJob(make.tx, { slug: `job-${++jobs}`, kind, definition });
      await make.tx.setQueue({ name: 'held', paused: true, maxRunning: null }, Date.now());
      await make.run(job, Date.now(), { queue: 'held', ref: `refs/heads/it's` });
    });
    const { results } = await web.page('/job-executions/?order=-id&page_size=1');
    return results[0]?.['command_arguments'];
  }

  it('is said of a build', async () => {
    const image = {
      source,
      dockerfile: 'docker/Dockerfile',
      context: 'app',
      target: 'final',
      repository: 'quay.io/acme/site',
      tags: ['1.2', 'latest'],
      buildArgs: { VERSION: '1 2', API_TOKEN: 'very secret', PLAIN: 'git-password-1' },
      memoryBytes: 536_870_912,
      cpus: 1.5,
      noCache: true,
    };
    expect(await command('image', { image })).to.equal(
      'build -f docker/Dockerfile -t quay.io/acme/site:1.2 -t quay.io/acme/site:latest ' +
        `--build-arg 'VERSION=1 2' --build-arg API_TOKEN=*** --build-arg 'PLAIN=********' --target final ` +
        `--memory 536870912 --cpus 1.5 --no-cache 'http://127.0.0.1:9/acme/site.git#refs/heads/it'\\''s:app'`,
    );
    const elsewhere = { source, url: 'https://not.allowed/x.git', dockerfile: 'Dockerfile' };
    expect(await command('image', { image: elsewhere })).to.equal('build -f Dockerfile');
  });

  it('is said of a container', async () => {
    const container = {
      image: 'busybox:1',
      entrypoint: ['/bin/sh', '-c'],
      command: ['echo "$A"; exit 1', 'b'],
      env: { A: 'b c', B: 'secret:one', DB_PASSWORD: 'x' },
      readOnly: true,
      tmpfs: { '/tmp': 0 },
      network: 'none',
      user: 'nobody',
    };
    expect(await command('container', { container })).to.equal(
      `run --env 'A=b c' --env B=*** --env DB_PASSWORD=*** --user nobody --network none --read-only --tmpfs /tmp ` +
        `--entrypoint /bin/sh busybox:1 -c 'echo "$A"; exit 1' b`,
    );
    expect(await command('container', { container: { image: { job: 'site' } } })).to.equal('run acme/site');
  });

  it('is said of a call, without what it may hold', async () => {
    const http = {
      url: 'https://u:p@api.example/x?token=abc&b=1#f',
      headers: { Authorization: 'Bearer abc' },
    };
    expect(await command('http', { http })).to.equal(
      `--request POST --header 'Authorization: ***' 'https://api.example/x?token=***&b=***'`,
    );
  });

  it('is no longer than 1000 characters', async () => {
    const container = { image: 'busybox', command: ['😀'.repeat(2000)] };
    const text = String(await command('container', { container }));
    expect(text.length).to.equal(1000);
    expect(text.isWellFormed()).to.equal(true);
  });
});

describe('an execution that calls an endpoint', () => {
  let web: ScaleWeb;
  let endpoint: Server;
  before(async () => {
    web = await openScale({ env: { TOKEN: 'the-token-of-the-administrator', ALLOW_PRIVATE: '1' } });
    endpoint = createServer((request, response) => {
      response.statusCode = request.url === '/bad' ? 400 : 200;
      response.end('{"answer":42}');
    });
    await once(endpoint.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    endpoint.closeAllConnections();
    endpoint.close();
    await web.close();
  });

  async function ended(path: string): Promise<Shown> {
    const { port } = endpoint.address() as AddressInfo;
    const key = 'the-token-of-the-administrator';
    const slug = path.slice(1);
    const body = { project_id: 'acme', name: slug, slug, endpoint_url: `http://127.0.0.1:${port}${path}` };
    expect((await web.ask('POST', '/v1/jobs', { key, body })).status).to.equal(201);
    const made = await web.ask('POST', `/v1/jobs/${slug}/trigger?project_id=acme`, { key, body: {} });
    expect(made.status, made.text).to.be.oneOf([200, 201, 202]);
    const [id] = await web.ids('/job-executions/?order=-id&page_size=1');
    return waitFor('the execution to end', async () => {
      const { json } = await web.get(`/job-executions/${id}/`);
      return json['ended'] === null ? undefined : json;
    });
  }

  it('has the one task, and no node', async () => {
    const done = await ended('/good');
    expect(done).to.include({ status: 'COMPLETED', node: null, job_exit_code: 0, error: null });
    expect(done).to.include({ pre_started: null, post_started: null, cpus_scheduled: 0 });
    expect([done['job_started'], done['job_completed']]).to.deep.equal([done['started'], done['ended']]);
    expect(done['results']).to.deep.equal({
      version: '1.0',
      output_data: [{ name: 'output', value: { answer: 42 } }],
    });
    expect(done['environment']).to.deep.equal({});
    const failed = await ended('/bad');
    expect(failed).to.include({ status: 'FAILED', job_exit_code: 1, pre_exit_code: null });
    expect(failed['error']).to.include({ name: 'request-invalid' });
  });
});
