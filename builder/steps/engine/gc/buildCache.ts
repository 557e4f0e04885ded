import { asList, asNumber, asRecord } from '../answers.ts';
import type { Engine } from '../engine.ts';

/** What BuildKit keeps on an engine, of whomever: its cache has no owner. */
export interface BuildCache {
  /** Without what it shares with images. */
  bytes: number;
  /** Of these, what no build uses at the moment. */
  idleBytes: number;
}

/** The engine adds up all that it has for the answer. */
const addUpMs = 120_000;
const pruneMs = 600_000;

/** Throws as `engine.call` does. */
export async function buildCache(engine: Engine, signal?: AbortSignal): Promise<BuildCache> {
  // Engines before 23 know no type, and answer with everything.
  const query = { type: 'build-cache' };
  const answer = await engine.call({ method: 'GET', path: '/system/df', query, timeoutMs: addUpMs, signal });
  const own = asList(asRecord(answer)['BuildCache'])
    .map(asRecord)
    .filter((record) => record['Shared'] !== true);
  return { bytes: sum(own), idleBytes: sum(own.filter((record) => record['InUse'] !== true)) };
}

function sum(records: readonly Record<string, unknown>[]): number {
  return records.reduce((bytes, record) => bytes + asNumber(record['Size']), 0);
}

/**
 * Removes what was used longest ago, of whomever it is, until `keepBytes` are left, or all that nobody used for
 * `idleMs`: only for engines that nobody else builds on. Gives the bytes that it freed. Throws as `engine.call` does.
 */
export async function pruneBuildCache(
  engine: Engine,
  limit: { keepBytes: number } | { idleMs: number },
  signal?: AbortSignal,
): Promise<number> {
  // 0 would mean that nothing is said of bytes.
  const wish =
    'keepBytes' in limit
      ? { 'keep-storage': Math.max(1, Math.floor(limit.keepBytes)) }
      : { filters: JSON.stringify({ until: [`${Math.ceil(limit.idleMs / 1000)}s`] }) };
  const query = { all: 1, ...wish };
  const answer = await engine.call({
    method: 'POST',
    path: '/build/prune',
    query,
    timeoutMs: pruneMs,
    signal,
  });
  return asNumber(asRecord(answer)['SpaceReclaimed']);
}
