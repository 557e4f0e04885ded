import { fileURLToPath } from 'node:url';
import { type Cluster, startCluster } from '../../test/fixtures/cluster/cluster.ts';
import { sh } from '../../test/fixtures/cluster/work.ts';
import { runProgram } from '../measure/program.ts';
import type { Seen } from '../measure/readersSaw.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';

const client = fileURLToPath(new URL('../readers.ts', import.meta.url));
const [containers, perSecond, seconds] = [8, 50, 10];
const [job, lines] = ['paced', perSecond * seconds];
/** A pause without a process of its own, which would be half of the load: nobody ever writes to what is read from. */
const script = `mkfifo /tmp/never; exec 3<>/tmp/never
sleep 3; line=0
while [ $line -lt ${lines} ]; do
  t=$EPOCHREALTIME; line=$((line + 1))
  echo "\${t%.*}\${t#*.} line $line of what a command prints"
  read -t ${1 / perSecond} nothing <&3
done`;

/**
 * Eight containers of a worker print 50 lines a second each, with the time in them; from there to a websocket for each of them
 * at one of two servers. The other was asked for them.
 */
export async function logFollowPostgres(): Promise<Figure> {
  const env = { DOCKER_BUILDER_CONCURRENCY: String(containers) };
  const cluster = await startCluster({ servers: 2, workers: 1, durable: true, lease: 30, env });
  try {
    await cluster.job(job, { container: sh(script) });
    const { p50, p99, max, counts, torn } = await follow(cluster);
    const isWhole = torn === 0 && counts.length === containers && counts.every((count) => count === lines);
    return atMost('log-follow-postgres', { value: p99, unit: 'ms', reach: 300 }, isWhole, {
      containers,
      lines_per_second: containers * perSecond,
      lines: containers * lines,
      lost: !isWhole,
      p50_ms: short(p50, 0),
      max_ms: short(max, 0),
    });
  } finally {
    await cluster.close();
  }
}

async function follow(cluster: Cluster): Promise<Seen> {
  const asked = Array.from({ length: containers }, () => cluster.trigger(job, {}, cluster.server(0)));
  const runs = await Promise.all(asked);
  const { port } = cluster.server(1);
  const urls = runs.map((run) => `ws://127.0.0.1:${port}/jobs/${run}/tail?from=1`);
  const wish = JSON.stringify({ urls, readers: 1, parsed: 1 });
  const seen = JSON.parse(await runProgram(process.execPath, [client, wish])) as Seen;
  await cluster.untilEnded(runs);
  return seen;
}
