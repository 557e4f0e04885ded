import { before } from '../../config/retentionSchema.ts';
import type { OldRun } from '../../store/contract/retention.ts';
import { putAway } from '../archive.ts';
import { isOver, type Pass } from './pass.ts';
import { itemOf } from './runs.ts';

const batch = 100;
const beginning = { completedAt: 0, key: 0 };

/** Puts away logs that are too old, and the oldest ones where all together are too large. */
export async function cleanLogs(pass: Pass): Promise<void> {
  const { maxAgeDays, maxBytes } = pass.rules.logs;
  const limit = before(maxAgeDays, pass.now);
  const why = `its run ended more than ${maxAgeDays} days ago`;
  if (limit !== undefined)
    for await (const runs of endedBefore(pass, limit)) await removeLogs(pass, runs, why);
  if (maxBytes > 0) {
    const gone = pass.isDryRun ? goneBytes(pass) : 0;
    await freeLogs(
      pass,
      (await pass.room.logs.totalSize()) - gone - maxBytes,
      'all logs together are too large',
    );
  }
  if (!pass.isDryRun) await pass.room.logs.tidy(pass.isAsked);
}

/** Puts away the oldest logs until so many bytes are free. */
export async function freeLogs(pass: Pass, bytes: number, why: string): Promise<void> {
  if (bytes <= 0) return;
  let left = bytes;
  for await (const runs of endedBefore(pass, pass.now)) {
    left -= await removeLogs(pass, runs, why, left);
    if (left <= 0) return;
  }
}

/** Bytes of the logs that this clean-up removed, or would. */
export function goneBytes({ runs, logs }: Pass): number {
  return runs.removed.bytes + logs.removed.bytes;
}

/** Those that ended first first, some at a time; what is gone already is left out. */
async function* endedBefore(pass: Pass, limit: number): AsyncGenerator<OldRun[]> {
  for (let after = beginning; !isOver(pass);) {
    const page = await pass.room.store.read.unarchivedRuns({ before: limit, after, limit: batch });
    yield page.filter(({ key }) => !pass.goneRuns.has(key) && !pass.goneLogs.has(key));
    const last = page.at(-1);
    if (page.length < batch || !last) return;
    after = { completedAt: last.completedAt ?? 0, key: last.key };
  }
}

interface Going {
  old: OldRun;
  bytes: number;
}

/** Removes them, or as many as have so many bytes; gives the bytes that it freed, or would. */
async function removeLogs(
  pass: Pass,
  runs: readonly OldRun[],
  why: string,
  enough = Infinity,
): Promise<number> {
  const going = await goingOf(pass, runs, enough);
  const faults = await faultsOf(pass, going);
  const { removed, left } = pass.logs;
  let freed = 0;
  for (const { old, bytes } of going) {
    const fault = faults.get(old.id);
    const item = { ...itemOf(old), bytes };
    if (fault) left.add({ ...item, why: fault.message });
    else removed.add({ ...item, why });
    if (!fault) freed += bytes;
  }
  return freed;
}

/** Where bytes are to be freed, those that have none are not looked at. */
async function goingOf(pass: Pass, runs: readonly OldRun[], enough: number): Promise<Going[]> {
  const sizes = await pass.room.logs.sizes(runs.map(({ id }) => id));
  const going: Going[] = [];
  let sum = 0;
  for (const [at, old] of runs.entries()) {
    const bytes = sizes[at] ?? 0;
    if (sum >= enough) break;
    if (enough !== Infinity && bytes === 0) continue;
    pass.goneLogs.add(old.key);
    const stays = await pass.needs.ofLog(old);
    if (stays !== undefined) pass.logs.left.add({ ...itemOf(old), bytes, why: stays });
    else {
      going.push({ old, bytes });
      sum += bytes;
    }
  }
  return going;
}

/** Why some could not be put away: what is still being written is there the next time. */
async function faultsOf({ room, isDryRun }: Pass, going: readonly Going[]): Promise<Map<string, Error>> {
  if (isDryRun) return new Map();
  const runs = await Promise.all(going.map(({ old }) => room.store.read.run(old.id)));
  return putAway(
    room,
    runs.filter((run) => run !== undefined),
  );
}
