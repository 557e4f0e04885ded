import { answersWithin } from './postgresPulse.ts';
import type { Session } from './postgresSession.ts';
import { onTrial, type Trial } from './postgresTrial.ts';

/** One connection at a time, made when it is needed, and again after it broke. */
export interface Link {
  /** The connection that is in use. Throws where there is none. */
  readonly session: Session;
  readonly isOpen: boolean;
  /** Makes sure that there is one; one that rested answers, or what it is asked next is asked of another. */
  ready(): Promise<void>;
  /** It is not needed for a while. */
  rest(): void;
  close(): Promise<void>;
}

/** After so long a rest, in milliseconds, a connection is tried before it is used; and how long that may take. */
const [restMs, answerMs] = [50, 5000];

export function createLink(connect: () => Promise<Session>): Link {
  let session: Session | undefined;
  let trial: Trial | undefined;
  let restsSince = performance.now();
  return {
    get session() {
      const used = trial ?? session;
      if (!used) throw new Error('there is no connection yet');
      return used;
    },
    get isOpen() {
      return (trial ?? session)?.isOpen === true;
    },
    async ready() {
      session = trial?.current ?? session;
      trial = undefined;
      if (!session?.isOpen) session = await connect();
      else if (performance.now() - restsSince > restMs) trial = onTrial(session, answerMs, connect);
    },
    rest() {
      restsSince = performance.now();
    },
    async close() {
      await (trial?.current ?? session)?.close();
    },
  };
}

/** Breaks a connection that does not answer. */
export async function tryOut(session: Session): Promise<void> {
  await answersWithin(answerMs, session).catch((error: Error) => session.break(error));
}
