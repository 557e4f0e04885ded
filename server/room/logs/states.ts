import { logFolder } from './files.ts';
import { notALogId } from './logId.ts';
import { loadSegments } from './repair.ts';
import type { RingLimits } from './ring.ts';
import { type LogState, newState } from './state.ts';

/** What is known of logs, in memory: those that are written, and the ones that were read most recently. */
export interface LogStates {
  /** Looks on disk where nothing is known; undefined where there is no such log. */
  find(runId: string): Promise<LogState | undefined>;
  /** The same, but a log that is not there is begun, in memory only. Throws for what is no run's id. */
  findOrBegin(runId: string): Promise<LogState>;
  forget(runId: string): void;
}

const remembered = 500;

export function newLogStates(folder: string, ring: RingLimits): LogStates {
  /** Least recently used first. */
  const states = new Map<string, LogState>();
  const loading = new Map<string, Promise<LogState | undefined>>();

  async function find(runId: string): Promise<LogState | undefined> {
    const known = states.get(runId);
    if (known) return kept(runId, known);
    const path = logFolder(folder, runId);
    return path === undefined ? undefined : (loading.get(runId) ?? load(runId, path));
  }

  function load(runId: string, path: string): Promise<LogState | undefined> {
    const loaded = loadSegments(path)
      .then((segments) => segments && kept(runId, newState(path, segments, ring)))
      .finally(() => loading.delete(runId));
    loading.set(runId, loaded);
    return loaded;
  }

  async function findOrBegin(runId: string): Promise<LogState> {
    const path = logFolder(folder, runId);
    if (path === undefined) throw notALogId(runId);
    // Never beside a load: it would take the files of the new writer for a torn end.
    for (;;) {
      const state = await find(runId);
      if (state) return state;
      if (!loading.has(runId)) return kept(runId, newState(path, [], ring));
    }
  }

  function kept(runId: string, state: LogState): LogState {
    states.delete(runId);
    states.set(runId, state);
    if (states.size > remembered) forgetIdle();
    return state;
  }

  function forgetIdle(): void {
    for (const [runId, state] of states) {
      if (state.written || state.linger) continue;
      states.delete(runId);
      return;
    }
  }

  return { find, findOrBegin, forget: (runId) => states.delete(runId) };
}
