import type { NewRun } from './contract/runs.ts';
import { lineNameOf } from './queueing.ts';
import type { Sql } from './sql.ts';
import { makeEmptyLine } from './statements/joining.ts';
import { prepareOrigin } from './statements/origins.ts';

/** Makes what the first of such runs would have to make beside itself, where it is not there. */
export async function prepareFor(sql: Sql, runs: readonly NewRun[]): Promise<void> {
  await Promise.all(
    runs.flatMap(({ job, ...run }) => {
      const { queue, request, concurrencyKey = null, priority, timeoutMs } = run;
      const line = lineNameOf({ jobId: job.id, kind: job.kind, queue, request, concurrencyKey });
      const origin = { jobId: job.id, jobVersion: job.version, priority, timeoutMs };
      return [makeEmptyLine(sql, line), prepareOrigin(sql, origin)];
    }),
  );
}
