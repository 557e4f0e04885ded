import type { Retention } from '../../config/retentionSchema.ts';
import type { Room } from '../room.ts';
import { createNeeds, type Needs } from './needs.ts';
import { type MirrorItem, openKind, type OpenKind, type RunItem } from './report.ts';

/** One clean-up: what it works by and what it has done so far. */
export interface Pass {
  room: Room;
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

export function openPass(room: Room, { isDryRun, isAsked }: Pick<Pass, 'isDryRun' | 'isAsked'>): Pass {
  return {
    room,
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

/** Whether the server goes away: then nothing more is begun. */
export function isOver({ room }: Pass): boolean {
  return room.closing.signal.aborted;
}
