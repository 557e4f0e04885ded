import { expect } from 'chai';
import { type Cluster, startCluster } from '../../fixtures/cluster/cluster.ts';
import type { Member } from '../../fixtures/cluster/member.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { startRegistry, type TestRegistry } from '../../fixtures/registry.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

describe('a worker that is cut off from the database', () => {
  let cluster: Cluster;
  let gate: Gate;
  let registry: TestRegistry;
  /** What the holder had written when it was held. */
  let heard = 0;
  before(async () => {
    registry = await startRegistry();
    cluster = await startCluster({ workers: 2, network: true, lease: 6 });
    gate = await openGate(cluster.engine(0));
  });
  after(async () => {
    await gate?.close();
    await cluster?.close();
    await registry?.close();
  });

  const attemptsOf = (run: string) =>
    cluster.postgres.script(
      `SELECT state, engine, finished_at::text AS at FROM attempts WHERE run_id = '${run}' ORDER BY number`,
    );
  const containers = (worker: number) => cluster.engine(worker).docker('ps', '--quiet');

  it('stops its build before another one can have it, and what it did late counts for nothing', async () => {
    const { run, holder, other } = await buildAndHold('first');
    const index = cluster.workers.indexOf(holder);
    await holder.cutOff();
    await waitFor('its build to be stopped', async () => (await containers(index)) === '');
    expect((await attemptsOf(run)).map(({ state }) => state)).to.deep.equal(['running']);
    expect(await registry.storedBytes()).to.equal(0);

    await waitFor('another one to have it', async () => (await attemptsOf(run)).length === 2);
    await holder.join();
    gate.open('first');
    await cluster.untilEnded([run]);
    expect(
      (await attemptsOf(run)).map(({ state, engine }) => `${String(state)} ${String(engine)}`),
    ).to.deep.equal([`lost ${holder.name}`, `succeeded ${other.name}`]);
    await waitFor(
      'it to answer again',
      async () => (await holder.request('/readyz').catch(() => undefined))?.ok,
    );
    expect((await cluster.account()).mistakes).to.deep.equal([]);
  });

  it('pushes nothing when it stood still, and both think that the build is theirs', async () => {
    const { run, holder, other } = await buildAndHold('second');
    holder.process.kill('SIGSTOP');
    gate.open('second');
    await cluster.untilEnded([run]);
    const [pushed, stored] = [await tagged('second'), await registry.storedBytes()];
    holder.process.kill('SIGCONT');
    await waitFor('it to say that it came late', () => /lost|no longer held|lease/.test(sinceThen(holder)));
    await waitFor('it to answer again', async () => (await holder.request('/readyz')).ok);
    expect(await tagged('second')).to.equal(pushed);
    expect(await registry.storedBytes()).to.equal(stored);
    expect(
      (await attemptsOf(run)).map(({ state, engine }) => `${String(state)} ${String(engine)}`),
    ).to.deep.equal([`lost ${holder.name}`, `succeeded ${other.name}`]);
    expect((await cluster.account()).mistakes).to.deep.equal([]);
  });

  /** A build that is pushed afterwards, held in its only step by a worker. */
  async function buildAndHold(name: string): Promise<{ run: string; holder: Member; other: Member }> {
    await cluster.repository(name, `FROM busybox\nRUN ${gate.pass(name)}\n`);
    const source = { account: 'acme', repo: name, ref: 'main' };
    const image = {
      source,
      dockerfile: 'Dockerfile',
      repository: `${registry.host}/acme/${name}`,
      tags: ['new'],
    };
    await cluster.job(`pushed-${name}`, { image });
    const run = await cluster.trigger(`pushed-${name}`);
    await waitFor('its step to run', () => gate.reached(name));
    const holder = await cluster.holderOf(run);
    const other = cluster.workers.find((worker) => worker !== holder);
    if (!other) throw new Error('there is no other worker');
    heard = holder.output().length;
    return { run, holder, other };
  }

  const sinceThen = (member: Member) => member.output().slice(heard);

  async function tagged(name: string): Promise<string | null> {
    const accept = { Accept: 'application/vnd.docker.distribution.manifest.v2+json' };
    const manifest = await fetch(`http://${registry.host}/v2/acme/${name}/manifests/new`, {
      headers: accept,
    });
    return manifest.headers.get('docker-content-digest');
  }
});
