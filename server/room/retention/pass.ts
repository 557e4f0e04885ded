import type { Retention } from '../../config/retentionSchema.ts';
import type { Room } from '../room.ts';
import { createNeeds, type Needs } from './needs.ts';
import { type MirrorItem, openKind, type OpenKind, type RunItem } from './report.ts';

/** One clean-up: what it works by and what it has done so far. */
export interface Pass {
  room: Room;
  /** Aborted where the server goes away, or nobody wants it any more: then nothing more is begun. */
  signal: AbortSignal;
  /** Nothing is removed, only said. */
  isDryRun: boolean;
  /** Somebody waits for the report: what costs time to find out is found out. */
  isAsked: boolean;
  now: number;
  rules: Retention;
  needs: Needs;
  runs: OpenKind<RunItem>;
  logs: OpenKind<RunItem>;
  mirrors: OpenKind<MirrorItem>;
  /** Keys of the runs that are gone, or would be. */
  goneRuns: Set<number>;
  /** Of the runs whose logs are gone, or would be. */
  goneLogs: Set<number>;
  /** Names of the mirrors that are gone, or would be. */
  goneMirrors: Set<string>;
}

export function openPass(
  room: Room,
  { isDryRun, isAsked }: Pick<Pass, 'isDryRun' | 'isAsked'>,
  signal: AbortSignal = room.closing.signal,
): Pass {
  return {
    room,
    signal: AbortSignal.any([signal, room.closing.signal]),
    isDryRun,
    isAsked,
    now: room.now(),
    rules: room.policy().retention,
    needs: createNeeds(room.store.read),
    runs: openKind(),
    logs: openKind(),
    mirrors: openKind(),
    goneRuns: new Set(),
    goneLogs: new Set(),
    goneMirrors: new Set(),
  };
}

/** Whether nothing more is to be begun. */
export function isOver({ signal }: Pass): boolean {
  return signal.aborted;
}
