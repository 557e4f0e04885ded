/** What a clean-up removed, or would. */
export interface GcReport {
  isDryRun: boolean;
  startedAt: number;
  finishedAt: number;
  runs: Kind<RunItem>;
  logs: Kind<RunItem>;
  mirrors: Kind<MirrorItem>;
  engines: EngineReport[];
  data: DataReport;
  /** What went wrong, one sentence each; what it is of is tried again the next time. */
  problems: readonly string[];
}

/** Totals of all, and the first of them by name. */
export interface Tally<T> {
  readonly total: number;
  readonly bytes: number;
  readonly items: readonly T[];
}

export interface Kind<T> {
  removed: Tally<T>;
  /** What is as old or as much as what goes, and stays. */
  left: Tally<T>;
}

export interface RunItem {
  run: string;
  project: string;
  slug: string;
  completedAt: number | null;
  bytes: number;
  why: string;
}

export interface MirrorItem {
  name: string;
  url: string | undefined;
  usedAt: number;
  bytes: number;
  why: string;
}

export interface ImageItem {
  id: string;
  /** Those of its names that its build gave it. */
  tags: readonly string[];
  createdAt: number;
  bytes: number;
  why: string;
}

export interface EngineReport {
  name: string;
  /** Why nothing, or not all, was done there. */
  problem: string | undefined;
  /** Of the images of this store, with what they alone hold. */
  bytesBefore: number;
  bytesAfter: number;
  images: Kind<ImageItem>;
  /** Steps of the classic builder. */
  layers: Kind<ImageItem>;
  cache: CacheReport | undefined;
}

export interface CacheReport {
  /** Of BuildKit's cache before, of whomever it is. */
  bytes: number;
  removedBytes: number;
  /** Why it stays. */
  left: string | undefined;
}

/** Bytes in the data folder before the clean-up. */
export interface DataReport {
  databaseBytes: number;
  logBytes: number;
  mirrorBytes: number;
  removedBytes: number;
}

/** So many are named; the totals are of all. */
export const mostItems = 100;

/** A tally that is still being counted. */
export interface OpenTally<T> extends Tally<T> {
  add(item: T): void;
}

export function openTally<T extends { bytes: number }>(): OpenTally<T> {
  const items: T[] = [];
  let total = 0;
  let bytes = 0;
  return {
    get total() {
      return total;
    },
    get bytes() {
      return bytes;
    },
    items,
    add(item) {
      total++;
      bytes += item.bytes;
      if (items.length < mostItems) items.push(item);
    },
  };
}

export interface OpenKind<T> {
  removed: OpenTally<T>;
  left: OpenTally<T>;
}

export function openKind<T extends { bytes: number }>(): OpenKind<T> {
  return { removed: openTally<T>(), left: openTally<T>() };
}
