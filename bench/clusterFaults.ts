import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, startCluster } from '../test/fixtures/cluster/cluster.ts';
import type { Member } from '../test/fixtures/cluster/member.ts';
import { sh } from '../test/fixtures/cluster/work.ts';
import { waitFor } from '../test/fixtures/waitFor.ts';
import { median } from './measure/statistics.ts';

/**
 * Kills servers and workers of a cluster with SIGKILL again and again, at any moment, while work of all kinds is asked
 * for; then every request that was acknowledged must have come to exactly one end, a lost attempt must have been noticed
 * soon, and nothing of a dead one may be left anywhere.
 */
const rounds = Number(process.argv[2] ?? 100);
/** Between two kills: five members that are away for some seconds each must live for as long on average, or nothing is done. */
const longestPauseMs = 4000;
/** Some are back before anybody misses them, others long after. */
const longestDeathMs = 9000;
const usualPauseMs = 250;
/** More is not asked for while so many have not ended: what the workers cannot do beside being killed would be there at the end. */
const mostOpen = 40;
/** Lease and five seconds: within this time it must be known that an attempt is lost. */
const noticeMs = 7000;
/** The clocks of this process and of the database are read one after the other. */
const toleranceMs = 250;

const repositories: Record<string, string> = {
  cached: 'FROM busybox\nRUN echo cached\n',
  slow: 'FROM busybox\nCOPY . /app\nRUN sleep 0.3 && date > /date\nRUN sleep 0.3\n',
  failing: 'FROM busybox\nRUN sleep 0.2 && exit 3\n',
};
const asks: ((cluster: Cluster) => Promise<string>)[] = [
  ...Object.keys(repositories).map((name) => (cluster: Cluster) => cluster.build(name)),
  (cluster) => cluster.trigger('brief'),
  (cluster) => cluster.trigger('lasting'),
  (cluster) => cluster.trigger('call', { payload: { ms: Math.round(Math.random() * 600) } }),
];

/** What a worker had when it was killed. Times are those of the database's clock, in milliseconds. */
interface Death {
  attempts: string[];
  at: number;
}

/** A server from a start, or what was seen of it first, to its end. */
interface Life {
  from: number;
  to: number;
}

const cluster = await startCluster({ durable: true, env: { DOCKER_BUILDER_CONCURRENCY: '2' } });
try {
  const line = await killAgainAndAgain();
  console.log(JSON.stringify(line));
  process.exitCode = line.ok ? 0 : 1;
} finally {
  await cluster.close();
}

async function killAgainAndAgain() {
  for (const [name, dockerfile] of Object.entries(repositories)) await cluster.repository(name, dockerfile);
  await cluster.job('brief', { container: sh('echo brief') });
  await cluster.job('lasting', { container: sh('for i in 1 2 3 4 5; do echo $i; sleep 0.3; done') });
  await cluster.job('call', { endpoint_url: cluster.endpoint.url });
  const over = new AbortController();
  const clients = [askOn(over.signal), askOn(over.signal)];
  const story = await killMany();
  over.abort();
  await Promise.all(clients);
  const stuck = await cluster.untilEnded(undefined, 180_000).then(
    () => [],
    ({ message }: Error) => [message],
  );
  const account = await cluster.account();
  const notices = await noticesOf(story);
  const wrong = [...stuck, ...account.mistakes, ...notices.mistakes, ...(await wrongEnds())];
  return {
    bench: 'cluster-faults',
    value: wrong.length,
    unit: 'mistakes',
    reach: 0,
    ok: wrong.length === 0,
    rounds,
    kills: story.kills,
    acknowledged: cluster.acknowledged.length,
    runs: account.runs,
    ends: account.ends,
    attempts: account.attempts,
    lost_noticed_ms: { median: median(notices.tookMs), most: Math.max(...notices.tookMs) },
    wrong,
  };
}

async function askOn(signal: AbortSignal): Promise<void> {
  for (let turn = Math.floor(Math.random() * asks.length); !signal.aborted; turn++) {
    // A request that finds its server dead is not acknowledged, and not counted.
    if ((await openRuns()) < mostOpen) await asks[turn % asks.length]?.(cluster).catch(() => undefined);
    await pause(Math.random() * 2 * usualPauseMs);
  }
}

async function openRuns(): Promise<number> {
  const [row] = await cluster.postgres.script(
    'SELECT count(*)::integer AS open FROM runs WHERE completed_at IS NULL',
  );
  return Number(row?.['open']);
}

interface Story {
  deaths: Death[];
  /** Of servers. */
  lives: Life[];
  /** How often who was killed. */
  kills: Record<string, number>;
}

async function killMany(): Promise<Story> {
  const story: Story = { deaths: [], lives: [], kills: {} };
  const begun = await databaseNow();
  const up = new Map(cluster.members.map((member) => [member, begun]));
  const returning: Promise<void>[] = [];
  for (let round = 0; round < rounds; round++) {
    await pause(Math.random() * longestPauseMs);
    const victim = await waitFor('somebody to kill', () => chosen([...up.keys()]), 120_000);
    const from = up.get(victim) ?? begun;
    up.delete(victim);
    story.kills[victim.name] = (story.kills[victim.name] ?? 0) + 1;
    await victim.kill();
    const at = await databaseNow();
    if (victim.role === 'server') story.lives.push({ from, to: at });
    else story.deaths.push({ attempts: await heldBy(victim), at });
    const back = async () => {
      await pause(Math.random() * longestDeathMs);
      await victim.start();
      up.set(victim, await databaseNow());
    };
    returning.push(back());
  }
  await Promise.all(returning);
  for (const [{ role }, from] of up) if (role === 'server') story.lives.push({ from, to: Infinity });
  return story;
}

/** One server is always there. */
function chosen(up: readonly Member[]): Member | undefined {
  const servers = up.filter(({ role }) => role === 'server');
  const all = servers.length > 1 ? up : up.filter(({ role }) => role === 'worker');
  return all[Math.floor(Math.random() * all.length)];
}

async function databaseNow(): Promise<number> {
  const [row] = await cluster.postgres.script(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS ms',
  );
  return Number(row?.['ms']);
}

async function heldBy({ name }: Member): Promise<string[]> {
  const held = `SELECT id FROM attempts WHERE state = 'running' AND engine = '${name}'`;
  return (await cluster.postgres.script(held)).map(({ id }) => String(id));
}

/** How long it took until lost attempts were noticed, by the server that was there for long enough. */
async function noticesOf({ deaths, lives }: Story): Promise<{ tookMs: number[]; mistakes: string[] }> {
  // An attempt that was taken over may have lost its worker twice: the last time counts.
  const lastDeath = new Map(deaths.flatMap(({ attempts, at }) => attempts.map((id) => [id, at])));
  const rows = await cluster.postgres.script(
    "SELECT id, run_id, finished_at::text AS at FROM attempts WHERE state = 'lost'",
  );
  const tookMs: number[] = [];
  const mistakes: string[] = [];
  for (const { id, run_id: run, at } of rows) {
    const died = lastDeath.get(String(id));
    if (died === undefined) continue;
    const mayTake = lives
      .map(({ from, to }) => ({ from: Math.max(from, died), to }))
      .filter(({ from, to }) => to > from + noticeMs)
      .map(({ from }) => from + noticeMs - died);
    const took = Number(at) - died;
    tookMs.push(took);
    if (took > Math.min(...mayTake) + toleranceMs)
      mistakes.push(`attempt ${String(id)} of run ${String(run)} was noticed to be lost after ${took} ms`);
  }
  return { tookMs, mistakes };
}

/** Runs that ended as what they are not, by themselves or because they were lost once too often. */
async function wrongEnds(): Promise<string[]> {
  const rows = await cluster.postgres.script(`SELECT r.id, r.slug, r.state,
      string_agg(a.state, ' ' ORDER BY a.number) AS states
    FROM runs r JOIN attempts a ON a.run_id = r.id GROUP BY r.key`);
  return rows
    .filter(({ slug, state, states }) => {
      const own = slug === 'failing' ? /^(lost ){0,2}failed$/ : /^(lost ){0,2}succeeded$/;
      return !(state === 'crashed' ? /^lost lost lost$/ : own).test(String(states));
    })
    .map(
      ({ id, slug, state, states }) =>
        `run ${String(id)} of ${String(slug)}: ${String(state)}, ${String(states)}`,
    );
}
