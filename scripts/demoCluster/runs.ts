import type { Cluster } from '../../test/fixtures/cluster/cluster.ts';
import { sh } from '../../test/fixtures/cluster/work.ts';

const [builds, containers, calls] = [30, 50, 120];
/** At once: the answers come after a durable commit, so that many share one. */
const clients = 16;

/** What is asked for, in words. */
export const mix = `${builds} builds, ${containers} containers, ${calls} HTTP calls`;

const dockerfile = `FROM busybox
COPY . /app
RUN sleep 0.3 && date > /built
`;

/** Makes three jobs, and asks for all runs in a random order; gives how many were acknowledged. */
export async function askForAll(cluster: Cluster): Promise<number> {
  await cluster.repository('site', dockerfile);
  await cluster.job('report', { container: sh('for i in 1 2 3; do echo "page $i"; sleep 0.1; done') });
  await cluster.job('call', { endpoint_url: cluster.endpoint.url });
  const asks = shuffled([
    ...times(builds, () => cluster.build('site')),
    ...times(containers, () => cluster.trigger('report')),
    ...times(calls, () => cluster.trigger('call', { payload: { ms: 500 } })),
  ]);
  const client = async () => {
    for (let ask = asks.pop(); ask; ask = asks.pop()) await ask();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return cluster.acknowledged.length;
}

type Ask = () => Promise<string>;

function times(count: number, ask: Ask): Ask[] {
  return Array.from({ length: count }, () => ask);
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
}
