import type { Place } from '../../words/run.ts';

/**
 * What one process tells all others that have the database open. Only a hint: whoever misses one finds the same in the
 * database, so that losing all of them costs time and nothing else.
 */
export type Message =
  /**
   * There may be something to claim, or due earlier than it was. With places it is for these alone, and who tells takes none
   * of it.
   */
  | { kind: 'wake'; places?: readonly Place[] }
  /** There may be something in the outbox. */
  | { kind: 'outbox' }
  /** The run is to stop. */
  | { kind: 'cancel'; run: string }
  /** The run is new or changed. */
  | { kind: 'run'; run: string }
  /** Steps of its attempt began or ended. */
  | { kind: 'steps'; run: string }
  /** Its log has lines up to this one. */
  | { kind: 'log'; run: string; last: number }
  /** Somebody wants something else of an engine, a worker or all. */
  | { kind: 'wishes' }
  /** A key was made, changed or revoked. */
  | { kind: 'keys' }
  /** Somebody asks something of a member, or was answered. */
  | { kind: 'call'; id: string; to: string }
  | { kind: 'answer'; id: string; to: string };

export interface Bus {
  /**
   * Told at once, or together with what else is told within some milliseconds, each thing once: of a log only the last
   * line. Never throws; may be lost.
   */
  tell(message: Message): void;
  /**
   * The same right behind the commit of the transaction that is under way here, without waiting for its answer. Where that is
   * undone it is told all the same, behind the next one.
   */
  tellBehind(message: Message): void;
  /** Hears what other processes tell, and nothing of its own; gives back what ends that. */
  listen(hear: (message: Message) => void): () => void;
  /** `missed` is called whenever something may have been missed: after each time it connected again. */
  onGap(missed: () => void): () => void;
}
