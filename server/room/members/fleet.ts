import type { MemberRow, Members } from '../../store/contract/members.ts';
import type { Me } from './me.ts';
import { type EngineView, type MemberReport, readReport } from './report.ts';
import { lostMs } from './times.ts';

/** A member as it last told. */
export interface SeenMember extends MemberReport, Omit<MemberRow, 'silentMs' | 'report' | 'machine'> {
  /** It missed several signs of life: what it told counts no more. */
  isLost: boolean;
}

/** An engine as its member last told. */
export interface SeenEngine extends EngineView {
  /** The name of the member that uses it. */
  worker: string;
}

/** The processes that share the store, and their engines. */
export interface Fleet {
  readonly me: Me;
  /** Whether it was a member beside this one that was dead when this one came: nobody can have what it had. */
  isDead(id: string | undefined): boolean;
  /** How many live, as far as it was seen. */
  crowd(): number;
  /** All that are known, this one first, as it is now; the others as they last told. */
  members(): Promise<readonly SeenMember[]>;
  /** The one that is called so; the one that lives, where others died. */
  member(name: string): Promise<SeenMember | undefined>;
  /** What is asked next is read anew: something has changed. */
  forget(): void;
  /** The engines of all that live; those of this process first. One that two of them share is there twice. */
  engines(): Promise<readonly SeenEngine[]>;
  /** The first of them that is called so. */
  engine(name: string): Promise<SeenEngine | undefined>;
}

export interface FleetOptions {
  me: Me;
  /** What there is to tell of this process. */
  own: () => MemberReport;
  now: () => number;
  /** Undefined where there is no other. */
  others: Members | undefined;
  /** How many live; this one alone unless given. */
  crowd?: () => number;
  /** Ids of those that were seen to be dead. */
  dead?: readonly string[];
}

/** What was read of the others is good for so long, in milliseconds. */
const freshMs = 500;

export function createFleet({ me, own, now, others, crowd = () => 1, dead = [] }: FleetOptions): Fleet {
  let read: { rows: Promise<readonly MemberRow[]>; at: number } | undefined;

  /** One look serves all who ask at about the same time. */
  function rows(from: Members): Promise<readonly MemberRow[]> {
    if (read && performance.now() - read.at < freshMs) return read.rows;
    const one = { rows: from.list(), at: performance.now() };
    read = one;
    one.rows.catch(() => {
      if (read === one) read = undefined;
    });
    return one.rows;
  }

  function myself(): SeenMember {
    const { id, name, role, host, pid, startedAt } = me;
    return { ...own(), id, name, role, host, pid, startedAt, seenAt: now(), isLost: false };
  }

  async function members(): Promise<readonly SeenMember[]> {
    const known = others ? await rows(others) : [];
    return [myself(), ...known.filter(({ id }) => id !== me.id).map(seen)];
  }

  async function engines(): Promise<readonly SeenEngine[]> {
    return (await members())
      .filter(({ isLost }) => !isLost)
      .flatMap((one) => one.engines.map((engine) => ({ ...engine, worker: one.name })));
  }

  async function member(name: string): Promise<SeenMember | undefined> {
    const called = (await members()).filter((one) => one.name === name);
    return called.find(({ isLost }) => !isLost) ?? called.at(-1);
  }

  return {
    me,
    isDead: (id) => id !== undefined && dead.includes(id),
    crowd,
    members,
    member,
    forget: () => (read = undefined),
    engines,
    engine: async (name) => (await engines()).find((engine) => engine.name === name),
  };
}

function seen({ report, silentMs, ...row }: MemberRow): SeenMember {
  const { id, name, role, host, pid, startedAt, seenAt } = row;
  return { ...readReport(report), id, name, role, host, pid, startedAt, seenAt, isLost: silentMs > lostMs };
}
