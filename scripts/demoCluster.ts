// `make demo-cluster`: PostgreSQL, two servers and three workers on this machine do 200 runs, and a server and a worker are
// killed on the way. With ONCE=1 in the environment it exits when all have ended, with 0 where each ended well, else with 1.
import { once } from 'node:events';
import { type Cluster, startCluster } from '../test/fixtures/cluster/cluster.ts';
import { installPackages } from './demo/packages.ts';
import { paint, say } from './demo/terminal.ts';
import { endsOf, killAndWait } from './demoCluster/kill.ts';
import { outcomeOf } from './demoCluster/outcome.ts';
import { askForAll, mix } from './demoCluster/runs.ts';
import { watchUntil } from './demoCluster/watch.ts';

/** How many runs have ended when somebody is killed. */
const [serverDiesAt, workerDiesAt] = [40, 70];

/** Runs the demo; true where all is well. Whatever it started is gone when it settles. */
async function demo(stopped: AbortSignal): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('The demo brings Docker Engines of its own, which takes root on Linux.');
  await installPackages('docker.io', 'iproute2', 'busybox-static', 'git', 'postgresql');
  say('Starting PostgreSQL, three Docker Engines and five processes, which all go away with this demo');
  await using parts = new AsyncDisposableStack();
  const env = { DOCKER_BUILDER_CONCURRENCY: '2', DOCKER_BUILDER_HTTPCONCURRENCY: '4' };
  const cluster = await startCluster({ durable: true, lease: 4, env });
  parts.defer(() => cluster.close());
  introduce(cluster);
  const isRight = await show(cluster, stopped);
  if (process.env['ONCE']) return isRight;
  console.log(`\n${nextSteps(cluster)}\n`);
  say('Ctrl-C stops and removes all of it');
  await once(stopped, 'abort');
  return isRight;
}

function introduce({ members, proxy }: Cluster): void {
  const rows = members.map(({ name, process: { pid = 0 }, url }) =>
    ['', paint('bold', name), `pid ${String(pid).padEnd(7)}`, paint('dim', url)].join('  '),
  );
  console.log(`\n${rows.join('\n')}\n`);
  say(`A proxy in front of both servers listens on ${proxy.url}`);
}

async function show(cluster: Cluster, stopped: AbortSignal): Promise<boolean> {
  const runs = await askForAll(cluster);
  const startedAt = performance.now();
  say(`${runs} runs were asked for: ${mix}\n`);
  const until = watchUntil(cluster, stopped);

  await until(({ ended }) => ended >= serverDiesAt);
  const server = await killAndWait(cluster.server(1));
  say(`kill -9 ${server.name}. From here on the proxy asks ${cluster.server(0).name} alone`);

  await until(({ ended, running }) => ended >= workerDiesAt && running.has('worker-2'));
  const worker = await killAndWait(cluster.worker(2));
  const held = await endsOf(cluster, worker);
  say(`kill -9 ${worker.name}, with ${held.length} attempts under way`);

  await until(async () => (await endsOf(cluster, worker, held)).every(({ state }) => state !== 'running'));
  say(`Its lease is over: ${held.length} attempts are lost, and go again elsewhere`);
  const back = Promise.all([server.start(), worker.start()]).then(() => {
    say(`${server.name} and ${worker.name} are back`);
  });

  await Promise.all([back, until(({ ended }) => ended === runs)]);
  const tookMs = performance.now() - startedAt;
  const { text, isRight } = await outcomeOf(cluster, tookMs);
  console.log(`\n${text}`);
  return isRight;
}

function nextSteps({ proxy, servers }: Cluster): string {
  return [
    `  ${paint('bold', 'Page')}    ${paint('underline', `${proxy.url}/`)}`,
    '',
    'Try next',
    `  curl -s ${proxy.url}/workers     # who is there`,
    `  curl -s -XPOST ${proxy.url}/workers/worker-0/drain     # gives it nothing more`,
    `  curl -s ${servers[0]?.url ?? ''}/metrics`,
  ].join('\n');
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

try {
  process.exitCode = (await demo(stop.signal)) ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
say('Everything is stopped and removed');
