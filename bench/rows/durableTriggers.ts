import { load } from '../measure/load.ts';
import { forgetPeak, peakMb } from '../measure/process.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { pausedJob, triggersOf } from '../measure/triggering.ts';
import { withLoneServer } from '../measure/world.ts';

/** Triggers of a paused job over 32 connections: each answer comes after the commit of its run reached the disk. */
export function durableTriggers(): Promise<Figure> {
  return withLoneServer(async (server) => {
    const options = triggersOf(server, await pausedJob(server), 32);
    await load({ ...options, duration: 2 });
    forgetPeak(server.process);
    const { perSecond, failed, p50, p99 } = await load({ ...options, duration: 10 });
    return atLeast(
      'durable-triggers',
      { value: short(perSecond, 0), unit: 'requests/s', reach: 4000 },
      failed === 0,
      { connections: 32, failed, p50_ms: p50, p99_ms: p99, rss_peak_mb: peakMb(server.process) },
    );
  });
}
