import { answersWithin } from './postgresPulse.ts';
import type { Session } from './postgresSession.ts';

/** A connection that may be gone, or the one in its place. */
export interface Trial extends Session {
  /** Whichever it is by now. */
  readonly current: Session;
}

/**
 * A connection that rested may have been cut without a word. What is asked of it is sent at once, behind a question of which
 * nothing depends; where that is not answered in time, all of it is asked again on a new connection, in the same order. Until
 * then nobody was answered anything, so nobody can tell; and what was begun on the old one is undone with it.
 */
export function onTrial(rested: Session, answerMs: number, connect: () => Promise<Session>): Trial {
  let current = rested;
  let [isTried, gone] = [false, false];
  let reason: Error | undefined;
  const tried = answersWithin(answerMs, rested).then(
    () => {
      isTried = true;
      return rested;
    },
    (error: Error) => {
      rested.break(error);
      return replaced();
    },
  );
  // Whoever asks is told.
  tried.catch(() => undefined);

  async function replaced(): Promise<Session> {
    try {
      if (reason) throw reason;
      current = await connect();
    } catch (error) {
      gone = true;
      throw error;
    }
    if (reason) current.break(reason);
    return current;
  }

  function ask<T>(of: (session: Session) => Promise<T>): Promise<T> {
    if (isTried) return of(rested);
    if (current !== rested || !rested.isOpen) return tried.then(of);
    const answer = of(rested);
    answer.catch(() => undefined);
    return tried.then((session) => (session === rested ? answer : of(session)));
  }

  return {
    get current() {
      return current;
    },
    get isOpen() {
      return isTried || current !== rested ? current.isOpen : !gone && !reason;
    },
    query: (text, params) => ask((session) => session.query(text, params)),
    command: (text) => ask((session) => session.command(text)),
    copy: (command) => ask((session) => session.copy(command)),
    break(why) {
      reason ??= why;
      current.break(why);
    },
    close: () => current.close(),
  };
}
