import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../fixtures/cluster/cluster.ts';
import { sh } from '../../fixtures/cluster/work.ts';
import { type Gate, openGate } from '../../fixtures/gate.ts';
import { quickest } from '../../fixtures/quickest.ts';
import { waitFor } from '../../fixtures/waitFor.ts';

/** Lease and five seconds. */
const noticeMs = 7000;
/** Between two requests of one client. */
const askMs = 150;

describe('a cluster whose processes are killed', () => {
  let cluster: Cluster;
  let gate: Gate;
  before(async function () {
    // Seven programs start, beside those of other suites.
    this.timeout(120_000);
    cluster = await startCluster({ workers: 2 });
    gate = await openGate(cluster.engine(0));
  });
  after(async () => {
    await gate?.close();
    await cluster?.close();
  });

  const attemptsOf = (run: string) =>
    cluster.postgres.script(`SELECT state, engine FROM attempts WHERE run_id = '${run}' ORDER BY number`);
  const reached = (door: string) => waitFor(`the step at ${door}`, () => gate.reached(door));

  it('does again elsewhere what a killed worker had, soon, and leaves nothing on its engine', async () => {
    const lose = async (turn: number) => {
      const door = `held-${turn}`;
      await cluster.repository(door, `FROM busybox\nRUN ${gate.pass(door)}\n`);
      const run = await cluster.build(door);
      await reached(door);
      const victim = await cluster.holderOf(run);
      await victim.kill();
      const diedAt = performance.now();
      await waitFor('the loss to be noticed', async () => (await attemptsOf(run))[0]?.['state'] === 'lost');
      const tookMs = performance.now() - diedAt;
      gate.open(door);
      await cluster.untilEnded([run]);
      const attempts = await attemptsOf(run);
      expect(attempts.map(({ state }) => state)).to.deep.equal(['lost', 'succeeded']);
      expect(attempts[1]?.['engine']).not.to.equal(victim.name);
      await victim.start();
      return tookMs;
    };
    expect(await quickest(noticeMs, lose)).to.be.lessThan(noticeMs);
    expect((await cluster.account()).mistakes).to.deep.equal([]);
  }).timeout(180_000);

  it('loses nothing with a killed server: its builds go on, the other one answers, its calls go again', async () => {
    await cluster.repository('kept', `FROM busybox\nRUN ${gate.pass('kept')}\n`);
    await cluster.job('call', { endpoint_url: cluster.endpoint.url });
    const [asked, other] = [cluster.server(0), cluster.server(1)];
    const build = await cluster.build('kept', asked);
    await reached('kept');
    const calls = await Promise.all(
      [1, 2, 3, 4].map(() => cluster.trigger('call', { payload: { ms: 400 } }, asked)),
    );
    await asked.kill();
    const late = await cluster.trigger('call', {}, other);
    gate.open('kept');
    await cluster.untilEnded([build, late, ...calls]);
    expect((await attemptsOf(build)).map(({ state }) => state)).to.deep.equal(['succeeded']);
    await asked.start();
    expect((await cluster.account()).mistakes).to.deep.equal([]);
  });

  it('refuses nothing and loses nothing while each process is restarted under load', async () => {
    await cluster.repository('quick', 'FROM busybox\nRUN echo quick\n');
    await cluster.job('brief', { container: sh('sleep 0.2') });
    const over = new AbortController();
    const asking = Promise.all([keepAsking(over.signal), keepAsking(over.signal)]);
    for (const member of cluster.members) {
      const isServer = member.role === 'server';
      expect(await member.stop()).to.equal(0);
      await member.start();
      if (isServer) await waitFor('it to be ready', () => cluster.proxy.ready().includes(member.url));
    }
    over.abort();
    expect(await asking).to.deep.equal([[], []]);
    expect(cluster.proxy.refusals).to.deep.equal([]);
    await cluster.untilEnded();
    const { ends, mistakes } = await cluster.account();
    expect(mistakes).to.deep.equal([]);
    expect(Object.keys(ends)).to.deep.equal(['completed']);
  });

  /** Gives what was refused. */
  async function keepAsking(signal: AbortSignal): Promise<string[]> {
    const refused: string[] = [];
    const asks = [
      () => cluster.build('quick'),
      () => cluster.trigger('brief'),
      () => cluster.trigger('call'),
    ];
    for (let turn = 0; !signal.aborted; turn++) {
      await asks[turn % asks.length]?.().catch((error: Error) => refused.push(error.message));
      await pause(askMs);
    }
    return refused;
  }
});
