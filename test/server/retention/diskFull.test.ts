import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { buildJob, getJob, postJob, untilEnded } from '../../fixtures/jobs.ts';
import { createRepository } from '../../fixtures/repository.ts';
import { openWorld, type World } from '../../fixtures/world.ts';

const run = promisify(execFile);
const mega = 1_000_000;

describe('a data folder that is full', () => {
  let data: string;
  let world: World;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'dbs-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${80 * mega}`, 'tmpfs', data]);
    const settings = { retention: { logs: { maxBytes: 3 * mega } } };
    world = await openWorld({ data, settings, env: { DOCKER_BUILDER_LEASE: '2' } });
    const say = (lines: number) => `FROM busybox\nRUN yes ${'x'.repeat(70)} | head -n ${lines}\n`;
    await createRepository(world.git, 'acme/loud', { Dockerfile: say(230_000) });
    await createRepository(world.git, 'acme/louder', { Dockerfile: say(400_000) });
    await createRepository(world.git, 'acme/quiet', { Dockerfile: say(1) });
  });
  after(async () => {
    await world?.close();
    await run('umount', ['-l', data]).catch(() => undefined);
    await rm(data, { recursive: true, force: true });
  });

  const order = (repo: string) => ({ account: 'acme', repo, ref: 'main' });
  const post = () => world.server.request('/jobs', { method: 'POST', body: JSON.stringify(order('quiet')) });

  /** Leaves so many bytes; none where it is 0. */
  async function fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(data);
    const bytes = bavail * bsize - left;
    if (bytes > 0) await writeFile(join(data, 'ballast'), Buffer.alloc(bytes), { flag: 'a' });
  }

  it('ends a build whose log does not fit with a clear reason, and the server lives', async () => {
    await fill(26 * mega);
    const job = await buildJob(world.server, order('louder'));
    expect(job).to.include({ status: 'errored', reason: 'disk_full' });
    expect(job.error).to.match(/the log cannot be written: .*no space/i);
    expect((await world.server.request('/health')).status).to.equal(200);
    await rm(join(data, 'ballast'));
  });

  it('refuses what it cannot store with a sentence, loses nothing, and goes on once a clean-up made room', async () => {
    const kept = [await buildJob(world.server, order('loud')), await buildJob(world.server, order('loud'))];
    expect(kept.map(({ status }) => status)).to.deep.equal(['completed', 'completed']);
    await fill(0);
    const refused: Response[] = [];
    const taken: string[] = [];
    // What the database has room for in its files it still takes, and keeps.
    for (let i = 0; i < 3000 && refused.length < 3; i++) {
      const response = await post();
      if (response.status === 202) taken.push(((await response.json()) as { id: string }).id);
      else refused.push(response);
    }
    expect(refused.map(({ status }) => status)).to.deep.equal([507, 507, 507]);
    const body = (await refused[0]?.json()) as { code: string; message: string };
    expect(body).to.include({ code: 'insufficient_storage' });
    expect(body.message).to.match(/the disk is full/);
    const ready = await world.server.request('/ready');
    expect(ready.status).to.equal(503);
    expect(await ready.text()).to.contain('the store takes nothing: its disk is full');
    const lines = world.server.output().split('\n');
    expect(lines.filter((line) => line.includes('the disk is full: requests are refused'))).to.have.length(1);
    const traces = lines.filter((line) => line.includes('a request failed') && line.includes('"stack"'));
    expect(traces).to.deep.equal([]);
    for (const { id } of kept) expect(await getJob(world.server, id)).to.include({ status: 'completed' });

    const cleaned = await world.server.request('/gc', { method: 'POST' });
    const report = (await cleaned.json()) as {
      logs: { removed: { total: number; bytes: number } };
      problems: string[];
    };
    expect(report.problems).to.deep.equal([]);
    expect(report.logs.removed.total).to.be.greaterThan(0);
    expect(report.logs.removed.bytes).to.be.greaterThan(18 * mega);
    const next = await postJob(world.server, order('quiet'));
    expect(await untilEnded(world.server, next.id)).to.include({ status: 'completed' });
    for (const id of taken) {
      const { status, reason } = await untilEnded(world.server, id);
      if (status !== 'completed') expect(reason).to.be.oneOf(['disk_full', 'lost']);
    }
  });

  it('keeps what was stored through a restart', async () => {
    const before = (await world.server.request('/jobs')).headers.get('x-total-count');
    await world.server.restart();
    expect((await world.server.request('/jobs')).headers.get('x-total-count')).to.equal(before);
    expect((await stat(join(data, 'store.sqlite'))).size).to.be.greaterThan(0);
    expect(await readdir(data)).to.include('ballast');
  });
});
