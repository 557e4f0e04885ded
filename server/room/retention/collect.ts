import { Problem } from '../../words/problems.ts';
import { builds, serves } from '../../words/member.ts';
import { only } from '../only.ts';
import type { Room } from '../room.ts';
import { collectEverywhere, saveReport } from './everywhere.ts';
import { bytesOn } from './engines.ts';
import { dataBytes } from './data.ts';
import { cleanAll, cleanOwn, cleanShared } from './parts.ts';
import { openPass } from './pass.ts';
import type { GcReport } from './report.ts';

export interface CollectWish {
  isDryRun: boolean;
  /** Names; all where it is absent. */
  engines?: readonly string[];
  /** Whether somebody waits for the report. */
  isAsked: boolean;
}

/** What is locked while runs and logs of all processes are cleaned up. */
const cleanUpName = 'clean-up';

/**
 * Removes what the settings do not want to be kept, one clean-up at a time: runs and logs once, engines and mirrors by
 * each process that has them. What goes wrong with one part is in the report and keeps no other part.
 *
 * @throws Problem `conflict` while another is under way, `bad_request` for an engine that there is none of
 */
export async function collect(room: Room, wish: CollectWish): Promise<GcReport> {
  await refuseUnknown(room, wish.engines);
  let report: GcReport | undefined;
  const { shared } = room.store;
  if (shared)
    await only(room, cleanUpName, async (signal) => {
      report = await collectEverywhere(room, wish, signal);
    });
  else report = await exclusively(room, () => cleanAll(openPass(room, wish), wish.engines));
  if (!report) throw underWay();
  tell(room, report);
  return report;
}

/** The same, unless another is under way; of engines and mirrors only those of this process. */
export async function collectUnasked(room: Room): Promise<void> {
  const wish = { isDryRun: false, isAsked: false };
  if (!room.store.shared) {
    if (!room.housekeeping.isRunning) await collect(room, wish);
    return;
  }
  const { role } = room.fleet.me;
  if (serves(role))
    await only(room, cleanUpName, async (signal) => {
      const report = await cleanShared(openPass(room, wish, signal));
      await saveReport(room, report);
      tell(room, report);
    });
  if (builds(role) && !room.housekeeping.isRunning)
    tell(room, await exclusively(room, () => cleanOwn(openPass(room, wish))));
}

/** Whether one is under way, in whatever process. */
export async function isCleaningUp({ store: { shared }, housekeeping }: Room): Promise<boolean> {
  return housekeeping.isRunning || (await shared?.isDone(cleanUpName)) === true;
}

/** What another process has this one clean up: its engines and mirrors. */
export function collectOwn(
  room: Room,
  wish: CollectWish & { goneRuns: readonly number[] },
  signal: AbortSignal,
): Promise<GcReport> {
  const pass = openPass(room, wish, signal);
  for (const key of wish.goneRuns) pass.goneRuns.add(key);
  return exclusively(room, () => cleanOwn(pass, wish.engines));
}

/** Whether the data folder or an engine holds more than its budget. */
export async function isOverBudget(room: Room): Promise<boolean> {
  const pass = openPass(room, { isDryRun: true, isAsked: false });
  const { highBytes } = pass.rules.data;
  if (highBytes > 0) {
    const { databaseBytes, logBytes, mirrorBytes } = await dataBytes(room);
    if (databaseBytes + logBytes + mirrorBytes > highBytes) return true;
  }
  for (const seat of room.engines.seats())
    if (seat.disk && seat.state === 'ok' && (await bytesOn(pass, seat)) > seat.disk.highBytes) return true;
  return false;
}

async function refuseUnknown({ fleet }: Room, names: readonly string[] = []): Promise<void> {
  const known = new Set((await fleet.engines()).map(({ name }) => name));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new Problem('bad_request', `there is no engine ${unknown}`, { field: 'engines' });
}

async function exclusively(
  { housekeeping }: Pick<Room, 'housekeeping'>,
  clean: () => Promise<GcReport>,
): Promise<GcReport> {
  if (housekeeping.isRunning) throw underWay();
  housekeeping.isRunning = true;
  try {
    const report = await clean();
    housekeeping.last = report;
    return report;
  } finally {
    housekeeping.isRunning = false;
  }
}

function underWay(): Problem {
  return new Problem('conflict', 'a clean-up is under way: GET /gc has its report when it is over');
}

function tell({ report }: Room, { isDryRun, runs, logs, mirrors, engines, data }: GcReport): void {
  const images = engines.reduce((sum, engine) => sum + engine.images.removed.total, 0);
  const went = { runs: runs.removed.total, logs: logs.removed.total, mirrors: mirrors.removed.total, images };
  const isAny = Object.values(went).some((total) => total > 0);
  if (isAny && !isDryRun) report.info({ ...went, bytes: data.removedBytes }, 'a clean-up is over');
}
