import { builds } from '../../words/member.ts';
import { callKind } from '../calls/calls.ts';
import type { SeenMember } from '../members/fleet.ts';
import type { Room } from '../room.ts';
import type { CollectWish } from './collect.ts';
import { mergeReports } from './merge.ts';
import { cleanShared } from './parts.ts';
import { openPass } from './pass.ts';
import type { GcReport } from './report.ts';

type OwnWish = CollectWish & { goneRuns: readonly number[] };

/** Has a member clean up its engines and mirrors. */
export const cleanUpCall = callKind<OwnWish, GcReport>('clean-up');

/** Where the newest report is kept for all processes. */
const noteName = 'clean-up';
/** Of a slow engine with many images. */
const memberMs = 600_000;
/** Runs that a dry run tells others of: what they would free of images counts as far as that. */
const mostGoneRuns = 100_000;

/** Cleans up runs and logs, then has each member with engines clean up these, and puts their reports together. */
export async function collectEverywhere(
  room: Room,
  { engines, ...wish }: CollectWish,
  signal: AbortSignal,
): Promise<GcReport> {
  const pass = openPass(room, wish, signal);
  const shared = await cleanShared(pass);
  // Nobody remembers those that are gone; of those that only would be, the others have to be told.
  const goneRuns = wish.isDryRun ? [...pass.goneRuns].slice(0, mostGoneRuns) : [];
  const own: OwnWish = { ...wish, goneRuns, ...(engines && { engines }) };
  const members = (await room.fleet.members()).filter((member) => isMeant(member, engines));
  const others = await Promise.all(members.map((member) => askMember(room, member, own, signal)));
  const report = mergeReports([shared, ...others], room.now());
  await saveReport(room, report);
  return report;
}

/** Keeps a report for whoever asks for the last one, at whatever server. */
export async function saveReport({ store: { shared }, report: log }: Room, report: GcReport): Promise<void> {
  await shared
    ?.setNote(noteName, JSON.stringify(report))
    .catch((error: unknown) => log.warn({ error }, 'the report of a clean-up could not be kept'));
}

/** What the last clean-up did, wherever that was; undefined where there was none. */
export async function lastReport({ store: { shared }, housekeeping }: Room): Promise<GcReport | undefined> {
  if (!shared) return housekeeping.last;
  const text = await shared.note(noteName);
  return text === undefined ? undefined : (JSON.parse(text) as GcReport);
}

function isMeant({ role, engines }: SeenMember, names: readonly string[] | undefined): boolean {
  return builds(role) && (names === undefined || engines.some(({ name }) => names.includes(name)));
}

/** Never rejects: why a member did nothing is in its report. */
async function askMember(
  room: Room,
  { id, name, isLost }: SeenMember,
  wish: OwnWish,
  signal: AbortSignal,
): Promise<Partial<GcReport>> {
  if (isLost)
    return { problems: [`${name}: it was not heard of lately; its engines and mirrors stay as they are`] };
  try {
    const report = await room.calls.ask(id, cleanUpCall, wish, { deadlineMs: memberMs, signal });
    return { ...report, problems: report.problems.map((problem) => `${name}: ${problem}`) };
  } catch (error) {
    return { problems: [`${name}: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
