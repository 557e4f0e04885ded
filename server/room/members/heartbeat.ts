import type { EngineHold, Holder, Members, NewMember } from '../../store/contract/members.ts';
import type { EngineSeat } from '../engines/seat.ts';
import { every } from '../every.ts';
import type { Report } from '../room.ts';
import type { MemberReport } from './report.ts';
import { beatMs, forgetMs, lostMs } from './times.ts';

export interface HeartbeatOptions {
  members: Members;
  member: Omit<NewMember, 'report'>;
  /** What there is to tell. */
  own: () => MemberReport;
  seats: () => readonly EngineSeat[];
  /** An engine's name was taken for another daemon while nobody heard of us. */
  onEngineLost: (seat: EngineSeat) => void;
  /** So was the name of this process: it gives no sign of life any more. */
  onNameLost: (holder: Holder) => void;
  report: Report;
}

/** Tells the others that this process is there, and how it is. */
export interface Heartbeat {
  /** Something changed that others wait for: tells it now. Never rejects. */
  beat(): Promise<void>;
  /** How many members live, as far as it was seen. */
  crowd(): number;
  /** Tells that this process has ended, as far as they can be told. */
  stop(): Promise<void>;
}

/** So many beats between two looks for members that are long gone. */
const forgetEvery = 150;
/** And between two counts of those that live. */
const countEvery = 10;

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { members, member, own, seats, onEngineLost, onNameLost, report } = options;
  let beats = 0;
  let crowd = 1;
  let isSilent = false;
  let underWay: Promise<void> | undefined;
  let isStopped = false;

  async function tell(): Promise<void> {
    const held = seats().filter(({ state }) => state === 'ok');
    const told = { ...member, report: JSON.stringify(own()) };
    const still = await members.beat(told, held.flatMap(holdOf), lostMs);
    if ('holder' in still) {
      isStopped = true;
      onNameLost(still.holder);
      return;
    }
    for (const seat of held)
      if (seat.about?.daemon && !still.held.includes(seat.engine.name)) onEngineLost(seat);
    if (beats % countEvery === 0) crowd = await members.count(lostMs);
    if (beats++ % forgetEvery === 0) await members.forget(forgetMs);
  }

  async function beat(): Promise<void> {
    if (isStopped) return;
    try {
      await tell();
      if (isSilent) report.info({ name: member.name }, 'other members hear of this one again');
      isSilent = false;
    } catch (error) {
      if (!isSilent) report.warn({ error, name: member.name }, 'other members cannot hear of this one');
      isSilent = true;
    }
  }

  /** Each call is followed by a beat that begins after it. */
  async function beatNow(): Promise<void> {
    await underWay;
    underWay ??= beat().finally(() => (underWay = undefined));
    await underWay;
  }

  void beatNow();
  const stopChore = every(beatMs, 'telling other members of this one', report, beatNow);
  return {
    beat: beatNow,
    crowd: () => crowd,
    async stop() {
      isStopped = true;
      stopChore();
      await underWay;
      await members.remove(member.id).catch(() => undefined);
    },
  };
}

function holdOf({ engine: { name }, about }: EngineSeat): EngineHold[] {
  return about?.daemon ? [{ name, daemon: about.daemon }] : [];
}
