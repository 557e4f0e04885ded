import type { UnseenName } from '../../store/contract/retention.ts';
import { isOver, type Pass } from './pass.ts';

const dayMs = 24 * 3_600_000;
/** What nobody had for so long is forgotten. */
const forgottenMs = 30 * dayMs;
/** Engines in one clean-up: the store looks through all attempts before it lets one go. */
const mostEngines = 10;
const pageRows = 2000;

/**
 * Forgets what was wished of members and engines that have not been there for a month; and these engines, where no attempt
 * and no image tells of them. Notes once a day which ones are there.
 */
export async function cleanNames(pass: Pass): Promise<void> {
  const { room, now, isDryRun } = pass;
  const unseen = isDryRun ? [] : await room.store.read.unseenNames(now - dayMs);
  if (unseen.length === 0) return;
  const isThere = await presence(pass);
  const absent = unseen.filter((one) => !isThere(one) && one.seenAt < now - forgottenMs);
  const engines = absent.filter(({ kind }) => kind === 'engine').slice(0, mostEngines);
  const used = await usedAmong(pass, new Set(engines.map(({ name }) => name)));
  const gone = [
    ...absent.filter(({ kind }) => kind === 'member'),
    ...engines.filter(({ name }) => !used.has(name)),
  ];
  // One by one, so that others can write in between.
  for (const one of gone) if (!isOver(pass)) await room.store.write((tx) => tx.forgetName(one));
  // Those that are in use are looked at again in a month.
  const seen = unseen.filter((one) => isThere(one) || (one.kind === 'engine' && used.has(one.name)));
  if (seen.length > 0) await room.store.write((tx) => tx.sawNames(seen, now));
}

/** Tells which names somebody has, or had within the last hour. */
async function presence({ room }: Pass): Promise<(one: UnseenName) => boolean> {
  const all = await room.fleet.members();
  const names = {
    member: new Set(all.map(({ name }) => name)),
    engine: new Set(all.flatMap(({ engines }) => engines.map(({ name }) => name))),
  };
  return ({ kind, name }) => names[kind].has(name);
}

/** Which of these engines an attempt or an image tells of; where there is no time to find out, all of them. */
async function usedAmong(pass: Pass, names: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const by of ['attempts', 'images'] as const) {
    let next: number | undefined = 0;
    while (next !== undefined && used.size < names.size) {
      if (isOver(pass)) return names;
      const page = await pass.room.store.read.engineUses({ by, afterKey: next, limit: pageRows });
      page.names.filter((name) => names.has(name)).forEach((name) => used.add(name));
      next = page.nextKey;
    }
  }
  return used;
}
