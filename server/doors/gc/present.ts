import type {
  CacheReport,
  EngineReport,
  GcReport,
  ImageItem,
  Kind,
  MirrorItem,
  RunItem,
  Tally,
} from '../../room/retention/report.ts';

export function reportJson(report: GcReport): object {
  const { isDryRun, startedAt, finishedAt, runs, logs, mirrors, engines, data, problems } = report;
  return {
    dry_run: isDryRun,
    started_at: time(startedAt),
    finished_at: time(finishedAt),
    runs: kindJson(runs, runJson),
    logs: kindJson(logs, runJson),
    mirrors: kindJson(mirrors, mirrorJson),
    engines: engines.map(engineJson),
    data: {
      database_bytes: data.databaseBytes,
      log_bytes: data.logBytes,
      mirror_bytes: data.mirrorBytes,
      removed_bytes: data.removedBytes,
    },
    problems,
  };
}

function engineJson({ name, problem, bytesBefore, bytesAfter, images, layers, cache }: EngineReport): object {
  return {
    name,
    problem: problem ?? null,
    bytes_before: bytesBefore,
    bytes_after: bytesAfter,
    images: kindJson(images, imageJson),
    layers: kindJson(layers, imageJson),
    cache: cache ? cacheJson(cache) : null,
  };
}

function cacheJson({ bytes, removedBytes, left }: CacheReport): object {
  return { bytes, removed_bytes: removedBytes, left: left ?? null };
}

function kindJson<T>({ removed, left }: Kind<T>, present: (item: T) => object): object {
  return { removed: tallyJson(removed, present), left: tallyJson(left, present) };
}

function tallyJson<T>({ total, bytes, items }: Tally<T>, present: (item: T) => object): object {
  return { total, bytes, items: items.map(present) };
}

function runJson({ run, project, slug, completedAt, bytes, why }: RunItem): object {
  return {
    run_id: run,
    project,
    slug,
    completed_at: completedAt === null ? null : time(completedAt),
    bytes,
    why,
  };
}

function mirrorJson({ name, url, usedAt, bytes, why }: MirrorItem): object {
  return { name, url: url ?? null, used_at: time(usedAt), bytes, why };
}

function imageJson({ id, tags, createdAt, bytes, why }: ImageItem): object {
  return { id, tags, created_at: time(createdAt), bytes, why };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
