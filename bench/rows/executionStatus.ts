import { makeContainerJob, runToEnd } from '../measure/containerJob.ts';
import { load } from '../measure/load.ts';
import { peakMb } from '../measure/process.ts';
import { atLeast, type Figure } from '../measure/row.ts';
import { short } from '../measure/statistics.ts';
import { withWorld } from '../measure/world.ts';

/** `GET /v1/job_executions/:id` of a run that has ended, over 32 connections. */
export function executionStatus(): Promise<Figure> {
  return withWorld(async ({ server }) => {
    const job = await makeContainerJob(server, 'nothing', ['true']);
    const id = await runToEnd(server, job);
    const options = { url: `${server.url}/v1/job_executions/${id}`, connections: 32 };
    await load({ ...options, duration: 2 });
    const { perSecond, failed, p99 } = await load({ ...options, duration: 8 });
    const value = { value: short(perSecond, 0), unit: 'requests/s', reach: 4000 };
    return atLeast('execution-status', value, failed === 0, {
      failed,
      p99_ms: p99,
      rss_peak_mb: peakMb(server.process),
    });
  });
}
