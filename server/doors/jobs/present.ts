import type { ImageResult } from '../../../builder/model/spec.ts';
import type { Attempt, Run } from '../../words/run.ts';
import { statusOf } from './statuses.ts';

const zeroTime = '0001-01-01T00:00:00Z';

/** A run as this door's document shows a job, with what came to be known since. */
export function jobJson(run: Run): Record<string, unknown> {
  return { ...jobHead(run), ...imagesOf(run, (image) => image), ...jobTail(run) };
}

/** The same for a list: of an image only what names it, because layers and steps of a thousand jobs are megabytes. */
export function jobSummaryJson(run: Run): Record<string, unknown> {
  return { ...jobHead(run), ...imagesOf(run, nameOf), ...jobTail(run) };
}

function nameOf({ id, tags, bytes, platform }: ImageResult): object {
  return { id, tags, bytes, platform };
}

function jobHead(run: Run): Record<string, unknown> {
  return {
    account: run.project,
    archived: time(run.archivedAt),
    ...(run.request.bobfile !== undefined && { bobfile: run.request.bobfile }),
    ...(run.commit !== null && { commit: run.commit }),
    completed: time(run.completedAt),
    created: time(run.createdAt),
    ...(run.error !== null && { error: run.error }),
    id: run.id,
  };
}

function jobTail(run: Run): Record<string, unknown> {
  const { part } = run.request;
  return {
    info_route: `/jobs/${run.id}`,
    ...(run.kind !== 'image' && { kind: run.kind }),
    ...(run.archivedAt === null && { log_route: `/jobs/${run.id}/tail?n=100` }),
    ...(part && run.parentRunId !== null && { parent: run.parentRunId, platform: part.platform }),
    ...(run.reason !== null && { reason: run.reason }),
    ref: run.ref,
    repo: run.slug,
    status: statusOf(run),
  };
}

function imagesOf(run: Run, shape: (image: ImageResult) => object): Record<string, unknown> {
  const images = run.result?.images ?? [];
  const last = images.at(-1);
  return last === undefined ? {} : { image: shape(last), images: images.map(shape) };
}

export function attemptJson(attempt: Attempt): Record<string, unknown> {
  return {
    number: attempt.number,
    state: attempt.state,
    engine: attempt.engine,
    queued: time(attempt.queuedAt),
    started: time(attempt.startedAt),
    finished: time(attempt.finishedAt),
    reason: attempt.reason,
    error: attempt.error,
    exit_code: attempt.exitCode,
    first_line: attempt.firstLine,
    last_line: attempt.lastLine,
    phases: attempt.phases,
    steps: attempt.steps,
  };
}

function time(ms: number | null): string {
  return ms === null ? zeroTime : new Date(ms).toISOString();
}
