import type { Role } from '../../words/member.ts';

/** A process that has the store open, as it said when it came. */
export interface NewMember {
  /** Of this start of it. */
  id: string;
  /** Who must have this name and no other gets no other where it is taken. */
  name: string;
  isFixed: boolean;
  role: Role;
  host: string;
  pid: number;
  /** What `pid` is a number of; undefined where that cannot be told. */
  machine: string | undefined;
  /** As JSON. */
  report: string;
}

/** A process as it last told. Times are the database's, in milliseconds since 1970. */
export interface MemberRow {
  id: string;
  name: string;
  role: Role;
  host: string;
  pid: number;
  machine: string | undefined;
  startedAt: number;
  seenAt: number;
  /** Milliseconds since then. */
  silentMs: number;
  /** As JSON. */
  report: string;
}

/** Who has a name. */
export interface Holder {
  id: string;
  host: string;
  pid: number;
  machine: string | undefined;
  seenAt: number;
}

/** An engine that a member uses, and the daemon that it is. */
export interface EngineHold {
  name: string;
  daemon: string;
}

/** What came of a sign of life. */
export type Beat = { held: string[] } | { holder: Holder };

/** The processes that have one database open. All of this goes beside the order of writes. */
export interface Members {
  /**
   * Enters a member under its name, or where it may have another, under the first of `name`, `name-2`, `name-3` … that no
   * member has who was heard of within `lostMs`. Gives the name, or who has it.
   */
  enter(member: NewMember, lostMs: number): Promise<{ name: string } | { holder: Holder }>;
  /**
   * Says that a member is there, and what it has to tell. Gives those of its engines that it still holds; or who has its name
   * by now, because it was silent for so long that it seemed dead.
   */
  beat(member: NewMember, engines: readonly EngineHold[], lostMs: number): Promise<Beat>;
  /** It has ended, or is dead. */
  remove(id: string): Promise<void>;
  /** Forgets those that were silent for so long. */
  forget(silentMs: number): Promise<void>;
  /** How many were heard of within `lostMs`. */
  count(lostMs: number): Promise<number>;
  /** All that are known, oldest first. */
  list(): Promise<MemberRow[]>;
  /**
   * Takes an engine's name for a daemon, unless a member uses the name for another daemon and said so within `lostMs`: then
   * it gives that member's name. `member` is the name of who takes it.
   */
  hold(engine: EngineHold, member: string, lostMs: number): Promise<string | undefined>;
}
