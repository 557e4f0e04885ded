import { expect } from 'chai';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { type Cluster, startCluster } from '../../fixtures/cluster/cluster.ts';
import { sh } from '../../fixtures/cluster/work.ts';
import { getJob, untilStatus } from '../../fixtures/jobs.ts';
import { quickest } from '../../fixtures/quickest.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { openSocket, openStream, type Transcript } from '../live/liveFixture.ts';

describe('two servers and two workers on one PostgreSQL', () => {
  let cluster: Cluster;
  let gate: Gate;
  before(async () => {
    cluster = await startCluster({ workers: 2 });
    gate = await openGate(cluster.engine(0));
  });
  after(async () => {
    await gate?.close();
    await cluster?.close();
  });

  const text = async (server: number, path: string) => (await cluster.server(server).request(path)).text();

  it('build on a worker what either server is asked for, and both tell of it', async () => {
    await cluster.repository('site', 'FROM busybox\nRUN echo hello from the worker\n');
    const runs = [
      await cluster.build('site', cluster.server(0)),
      await cluster.build('site', cluster.server(1)),
    ];
    await cluster.untilEnded(runs);
    for (const run of runs) {
      const [one, other] = await Promise.all([
        getJob(cluster.server(0), run),
        getJob(cluster.server(1), run),
      ]);
      expect(one).to.deep.equal(other);
      expect(one.status, one.error).to.equal('completed');
    }
  });

  it('give each reader on either server the same lines while a build on a worker prints them', async () => {
    const script = `for i in $(seq 1 5); do echo "line $i"; ${gate.pass('door-$i')}; done; seq 1 3000`;
    await cluster.repository('chatty', `FROM busybox\nRUN ${script}\n`);
    const run = await cluster.build('chatty', cluster.server(0));
    const readers = await Promise.all([
      openSocket(cluster.server(0), '?from=1', run),
      openSocket(cluster.server(1), '?from=1', run),
      openStream(cluster.server(0), `/jobs/${run}/stream?from=1`),
      openStream(cluster.server(1), `/jobs/${run}/stream?from=1`),
    ]);
    for (let line = 1; line <= 5; line++) {
      // The next line is not printed before everybody has this one.
      for (const reader of readers) await sees(reader, `line ${line}`);
      gate.open(`door-${line}`);
    }
    for (const reader of readers) await waitFor('the end message', () => reader.ended());
    const whole = await text(0, `/jobs/${run}/log`);
    expect(whole.split('\n')).to.include.members(['line 1', 'line 5', '1', '3000']);
    for (const reader of readers) expect(`${reader.lines().join('\n')}\n`).to.equal(whole);
    for (const path of ['log', 'tail?n=100', 'tail?from=20&n=50'])
      expect(await text(1, `/jobs/${run}/${path}`), path).to.equal(await text(0, `/jobs/${run}/${path}`));
  });

  it('stop a build on a worker that the other server was asked to cancel, within a second', async () => {
    const cancel = async (turn: number) => {
      const door = `never-${turn}`;
      await cluster.repository(`endless-${turn}`, `FROM busybox\nRUN ${gate.pass(door)}\n`);
      const run = await cluster.build(`endless-${turn}`, cluster.server(0));
      await waitFor('its step to run', () => gate.reached(door));
      const askedAt = performance.now();
      const answer = await cluster.server(1).request(`/jobs/${run}`, { method: 'DELETE' });
      expect(answer.ok).to.equal(true);
      await untilStatus(cluster.server(0), run, ['canceled']);
      return performance.now() - askedAt;
    };
    expect(await quickest(1000, cancel)).to.be.lessThan(1000);
    await noContainers();
  });

  it('give a drained worker nothing more, and let it finish what it has', async () => {
    await cluster.job('held', { container: sh(gate.pass('held')) });
    const held = await cluster.trigger('held');
    const holder = await cluster.holderOf(held);
    const other = cluster.workers.find((worker) => worker !== holder);
    const drain = await cluster.server(1).request(`/workers/${holder.name}/drain`, { method: 'POST' });
    expect(drain.ok, await drain.text()).to.equal(true);
    await cluster.job('brief', { container: sh('true') });
    for (const asked of cluster.servers) {
      const run = await cluster.trigger('brief', {}, asked);
      await cluster.untilEnded([run]);
      expect(await engineOf(run)).to.equal(other?.name);
    }
    gate.open('held');
    await cluster.untilEnded([held]);
    expect(
      (await cluster.server(0).request(`/workers/${holder.name}/resume`, { method: 'POST' })).ok,
    ).to.equal(true);
  });

  it('have nothing wrong in their account', async () => {
    const { mistakes, ends } = await cluster.account();
    expect(mistakes).to.deep.equal([]);
    expect(Object.keys(ends)).to.have.members(['completed', 'canceled canceled']);
  });

  const sees = (reader: Transcript, line: string) =>
    waitFor(`the line ${line}`, () => reader.lines().includes(line));

  async function noContainers(): Promise<void> {
    await waitFor('the containers to be gone', async () => {
      const lists = await Promise.all([0, 1].map((index) => cluster.engine(index).docker('ps', '--quiet')));
      return lists.join('') === '';
    });
  }

  async function engineOf(run: string): Promise<unknown> {
    const rows = await cluster.postgres.script(`SELECT engine FROM attempts WHERE run_id = '${run}'`);
    return rows.at(-1)?.['engine'];
  }
});
