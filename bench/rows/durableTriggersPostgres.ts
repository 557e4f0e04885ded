import { load } from '../measure/load.ts';
import { withMembers } from '../measure/members.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { pausedJob, triggersOf } from '../measure/triggering.ts';

const connections = 32;

/** The same as `durable-triggers` by two servers on one PostgreSQL, over 32 connections to each. */
export function durableTriggersPostgres(): Promise<Figure> {
  return withMembers(['server', 'server'], async (servers) => {
    const [first] = servers;
    if (!first) throw new Error('there is no server');
    const id = await pausedJob(first);
    const loadAll = (duration: number) =>
      Promise.all(servers.map((server) => load({ ...triggersOf(server, id, connections), duration })));
    await loadAll(2);
    const results = await loadAll(8);
    const perSecond = results.reduce((sum, result) => sum + result.perSecond, 0);
    const failed = results.reduce((sum, result) => sum + result.failed, 0);
    return atLeast(
      'durable-triggers-postgres',
      { value: short(perSecond, 0), unit: 'requests/s', reach: 1500 },
      failed === 0,
      {
        servers: servers.length,
        connections: connections * servers.length,
        failed,
        p50_ms: Math.max(...results.map(({ p50 }) => p50)),
        p99_ms: Math.max(...results.map(({ p99 }) => p99)),
      },
    );
  });
}
