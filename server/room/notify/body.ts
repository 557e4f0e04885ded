import { resultText } from '../../words/result.ts';
import type { Run } from '../../words/run.ts';

/** A body that would be longer goes without the result. */
const maxBytes = 1024 * 1024;
/** Of the error; a longer one would be no sentence for a person. */
const maxErrorLength = 16 * 1024;

/** What a receiver is told of a run that ended: the bytes that are sent, in every try the same. */
export function notificationBody(run: Run, output: string | null, now: number): string {
  const result = resultText(run, output);
  const whole = bodyText(run, now, result === undefined ? '' : `"result":${result},`);
  // No text has more than three bytes for each of its units: most need no counting.
  if (whole.length * 3 <= maxBytes || Buffer.byteLength(whole) <= maxBytes) return whole;
  return bodyText(run, now, '"result_omitted":true,');
}

function bodyText(run: Run, now: number, result: string): string {
  const head = JSON.stringify({
    run_id: run.id,
    job_id: run.jobId,
    project_id: run.project,
    status: run.state,
    attempt: run.attempt,
  });
  const tail = JSON.stringify({
    ...(run.error !== null && { error: run.error.slice(0, maxErrorLength) }),
    timestamp: new Date(now).toISOString(),
  });
  return `${head.slice(0, -1)},${result}${tail.slice(1)}`;
}
