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
  if (limit !== undefined) for await (const run of endedBefore(pass, limit)) await removeLog(pass, run, why);
  if (maxBytes === 0) return;
  const tooMuch = (await pass.room.logs.totalSize()) - (pass.isDryRun ? goneBytes(pass) : 0) - maxBytes;
  await freeLogs(pass, tooMuch, 'all logs together are too large');
}

/** Puts away the oldest logs until so many bytes are free. */
export async function freeLogs(pass: Pass, bytes: number, why: string): Promise<void> {
  if (bytes <= 0) return;
  let left = bytes;
  for await (const run of endedBefore(pass, pass.now)) {
    if ((await pass.room.logs.size(run.id)) === 0) continue;
    left -= await removeLog(pass, run, why);
    if (left <= 0) return;
  }
}

/** Bytes of the logs that this clean-up removed, or would. */
export function goneBytes({ runs, logs }: Pass): number {
  return runs.removed.bytes + logs.removed.bytes;
}

/** Those that ended first first; what is gone already is left out. */
async function* endedBefore(pass: Pass, limit: number): AsyncGenerator<OldRun> {
  for (let after = beginning; !isOver(pass);) {
    const page = await pass.room.store.read.unarchivedRuns({ before: limit, after, limit: batch });
    for (const run of page) if (!pass.goneRuns.has(run.key) && !pass.goneLogs.has(run.key)) yield run;
    const last = page.at(-1);
    if (page.length < batch || !last) return;
    after = { completedAt: last.completedAt ?? 0, key: last.key };
  }
}

/** Gives the bytes that it freed, or would. */
async function removeLog(pass: Pass, old: OldRun, why: string): Promise<number> {
  const { removed, left } = pass.logs;
  const item = { ...itemOf(old), bytes: await pass.room.logs.size(old.id) };
  pass.goneLogs.add(old.key);
  const stays = (await pass.needs.ofLog(old)) ?? (await failureOf(pass, old));
  if (stays === undefined) removed.add({ ...item, why });
  else left.add({ ...item, why: stays });
  return stays === undefined ? item.bytes : 0;
}

/** Why it could not be put away: one that is still being written is there the next time. */
async function failureOf({ room, isDryRun }: Pass, old: OldRun): Promise<string | undefined> {
  const run = isDryRun ? undefined : await room.store.read.run(old.id);
  if (!run) return undefined;
  return putAway(room, run).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
