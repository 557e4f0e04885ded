import { type DataReport, type GcReport, type Kind, mostItems, type Tally } from './report.ts';

/** One report of several, the first of which is whole; of the others, what they have. */
export function mergeReports(
  [first, ...others]: readonly [GcReport, ...Partial<GcReport>[]],
  finishedAt: number,
): GcReport {
  const all: readonly Partial<GcReport>[] = [first, ...others];
  const of = <K extends keyof GcReport>(part: K): GcReport[K][] =>
    all.flatMap((report) => (report[part] === undefined ? [] : [report[part]]));
  return {
    isDryRun: first.isDryRun,
    startedAt: first.startedAt,
    finishedAt,
    runs: mergeKinds(of('runs')),
    logs: mergeKinds(of('logs')),
    mirrors: mergeKinds(of('mirrors')),
    engines: of('engines').flat(),
    data: of('data').reduce(addData),
    problems: of('problems').flat(),
  };
}

function mergeKinds<T>(kinds: readonly Kind<T>[]): Kind<T> {
  return {
    removed: mergeTallies(kinds.map(({ removed }) => removed)),
    left: mergeTallies(kinds.map(({ left }) => left)),
  };
}

function mergeTallies<T>(tallies: readonly Tally<T>[]): Tally<T> {
  const sum = (of: (tally: Tally<T>) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    total: sum(({ total }) => total),
    bytes: sum(({ bytes }) => bytes),
    items: tallies.flatMap(({ items }) => items).slice(0, mostItems),
  };
}

function addData(a: DataReport, b: DataReport): DataReport {
  return {
    databaseBytes: a.databaseBytes + b.databaseBytes,
    logBytes: a.logBytes + b.logBytes,
    mirrorBytes: a.mirrorBytes + b.mirrorBytes,
    removedBytes: a.removedBytes + b.removedBytes,
  };
}
