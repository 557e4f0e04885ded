import { cleanData, dataBytes, removedBytes } from './data.ts';
import { cleanEngine } from './engines.ts';
import { cleanLogs } from './logs.ts';
import { cleanMirrors } from './mirrors.ts';
import { cleanNames } from './names.ts';
import { isOver, type Pass } from './pass.ts';
import type { DataReport, EngineReport, GcReport } from './report.ts';
import { cleanRuns } from './runs.ts';

/** Everything that there is to clean up, where no other process has the store open. */
export function cleanAll(pass: Pass, engines?: readonly string[]): Promise<GcReport> {
  return reported(pass, async (part) => {
    const held = (await part('the data folder', () => measured(pass))) ?? nothing;
    await part('runs', () => cleanRuns(pass));
    await part('logs', () => cleanLogs(pass));
    await part('names', () => cleanNames(pass));
    return ofThisProcess(pass, part, held, engines);
  });
}

/** What all processes share: runs and their logs, and the names of all. */
export function cleanShared(pass: Pass): Promise<GcReport> {
  return reported(pass, async (part) => {
    const logBytes = pass.isAsked ? await part('logs', () => pass.room.logs.totalSize()) : 0;
    await part('runs', () => cleanRuns(pass));
    await part('logs', () => cleanLogs(pass));
    await part('names', () => cleanNames(pass));
    return { held: { ...nothing, logBytes: logBytes ?? 0 }, engines: [] };
  });
}

/** What this process alone has: mirrors and engines. */
export function cleanOwn(pass: Pass, engines?: readonly string[]): Promise<GcReport> {
  return reported(pass, async (part) => {
    const held = (await part('the data folder', () => measured(pass))) ?? nothing;
    return ofThisProcess(pass, part, held, engines);
  });
}

type Held = Omit<DataReport, 'removedBytes'>;
type Part = <T>(name: string, work: () => Promise<T>) => Promise<T | undefined>;
interface Done {
  held: Held;
  engines: EngineReport[];
}

const nothing: Held = { databaseBytes: 0, logBytes: 0, mirrorBytes: 0 };

async function reported(pass: Pass, work: (part: Part) => Promise<Done>): Promise<GcReport> {
  const { room, now: startedAt, isDryRun, runs, logs, mirrors } = pass;
  const problems: string[] = [];
  const { held, engines } = await work(partOf(pass, problems));
  const data = { ...held, removedBytes: removedBytes(pass) };
  return { isDryRun, startedAt, finishedAt: room.now(), runs, logs, mirrors, engines, data, problems };
}

async function ofThisProcess(
  pass: Pass,
  part: Part,
  held: Held,
  names: readonly string[] | undefined,
): Promise<Done> {
  await part('mirrors', () => cleanMirrors(pass));
  await part('the data folder', () => cleanData(pass, held));
  const seats = pass.room.engines.seats();
  const engines: EngineReport[] = [];
  for (const seat of seats)
    if (!isOver(pass) && names?.includes(seat.engine.name) !== false)
      engines.push(await cleanEngine(pass, seat));
  return { held, engines };
}

/** Every file is looked at only for somebody who asks, or for a budget. */
async function measured(pass: Pass): Promise<Held> {
  return pass.isAsked || pass.rules.data.highBytes > 0 ? dataBytes(pass.room) : nothing;
}

/** Does one part after the other, also where one goes wrong. */
function partOf({ room }: Pass, problems: string[]): Part {
  return async (name, work) => {
    try {
      return await work();
    } catch (error) {
      room.report.error({ error }, `the clean-up of ${name} broke off`);
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
}
