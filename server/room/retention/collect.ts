import { Problem } from '../../words/problems.ts';
import type { EngineSeat } from '../engines/seat.ts';
import type { Room } from '../room.ts';
import { cleanData, dataBytes, removedBytes } from './data.ts';
import { bytesOn, cleanEngine } from './engines.ts';
import { cleanLogs } from './logs.ts';
import { cleanMirrors } from './mirrors.ts';
import { isOver, openPass, type Pass } from './pass.ts';
import type { DataReport, EngineReport, GcReport } from './report.ts';
import { cleanRuns } from './runs.ts';

export interface CollectWish {
  isDryRun: boolean;
  /** Names; all where it is absent. */
  engines?: readonly string[];
  /** Whether somebody waits for the report. */
  isAsked: boolean;
}

/**
 * Removes what the settings do not want to be kept, one clean-up at a time. What goes wrong with one part is in the report
 * and keeps no other part.
 *
 * @throws Problem `conflict` while another is under way, `bad_request` for an engine that there is none of
 */
export async function collect(room: Room, wish: CollectWish): Promise<GcReport> {
  const seats = seatsOf(room, wish.engines);
  const { housekeeping } = room;
  if (housekeeping.isRunning)
    throw new Problem('conflict', 'a clean-up is under way: GET /gc has its report when it is over');
  housekeeping.isRunning = true;
  try {
    const report = await cleanAll(openPass(room, wish), seats);
    housekeeping.last = report;
    tell(room, report);
    return report;
  } finally {
    housekeeping.isRunning = false;
  }
}

/** The same, unless another is under way. */
export async function collectUnasked(room: Room): Promise<void> {
  if (!room.housekeeping.isRunning) await collect(room, { isDryRun: false, isAsked: false });
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

function seatsOf({ engines }: Room, names: readonly string[] | undefined): EngineSeat[] {
  const seats = [...engines.seats()];
  const unknown = names?.find((name) => !seats.some(({ engine }) => engine.name === name));
  if (unknown !== undefined)
    throw new Problem('bad_request', `there is no engine ${unknown}`, { field: 'engines' });
  return names === undefined ? seats : seats.filter(({ engine }) => names.includes(engine.name));
}

async function cleanAll(pass: Pass, seats: readonly EngineSeat[]): Promise<GcReport> {
  const { room, now: startedAt, isDryRun, runs, logs, mirrors } = pass;
  const problems: string[] = [];
  const part = partOf(pass, problems);
  const held = (await part('the data folder', () => measured(pass))) ?? nothing;
  await part('runs', () => cleanRuns(pass));
  await part('logs', () => cleanLogs(pass));
  await part('mirrors', () => cleanMirrors(pass));
  await part('the data folder', () => cleanData(pass, held));
  const data = { ...held, removedBytes: removedBytes(pass) };
  const engines: EngineReport[] = [];
  for (const seat of seats) if (!isOver(pass)) engines.push(await cleanEngine(pass, seat));
  return { isDryRun, startedAt, finishedAt: room.now(), runs, logs, mirrors, engines, data, problems };
}

const nothing: Omit<DataReport, 'removedBytes'> = { databaseBytes: 0, logBytes: 0, mirrorBytes: 0 };

/** Every file is looked at only for somebody who asks, or for a budget. */
async function measured(pass: Pass): Promise<Omit<DataReport, 'removedBytes'>> {
  return pass.isAsked || pass.rules.data.highBytes > 0 ? dataBytes(pass.room) : nothing;
}

/** Does one part after the other, also where one goes wrong. */
function partOf({ room }: Pass, problems: string[]) {
  return async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      room.report.error({ error }, `the clean-up of ${name} broke off`);
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
}

function tell({ report }: Room, { isDryRun, runs, logs, mirrors, engines, data }: GcReport): void {
  const images = engines.reduce((sum, engine) => sum + engine.images.removed.total, 0);
  const went = { runs: runs.removed.total, logs: logs.removed.total, mirrors: mirrors.removed.total, images };
  const isAny = Object.values(went).some((total) => total > 0);
  if (isAny && !isDryRun) report.info({ ...went, bytes: data.removedBytes }, 'a clean-up is over');
}
