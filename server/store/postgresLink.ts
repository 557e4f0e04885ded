import { answersWithin } from './postgresPulse.ts';
import type { Session } from './postgresSession.ts';

/** One connection at a time, made when it is needed, and again after it broke. */
export interface Link {
  /** The connection that is in use. Throws where there is none. */
  readonly session: Session;
  readonly isOpen: boolean;
  /** Makes sure that there is one that answers. */
  ready(): Promise<void>;
  /** It is not needed for a while. */
  rest(): void;
  close(): Promise<void>;
}

/** After so long a rest, in milliseconds, a connection is tried before it is used; and how long that may take. */
const [restMs, answerMs] = [50, 5000];

export function createLink(connect: () => Promise<Session>): Link {
  let session: Session | undefined;
  let restsSince = performance.now();
  return {
    get session() {
      if (!session) throw new Error('there is no connection yet');
      return session;
    },
    get isOpen() {
      return session?.isOpen === true;
    },
    async ready() {
      // One that rested may have been cut without a word: who asks it is told.
      if (session?.isOpen && performance.now() - restsSince > restMs) await tryOut(session);
      if (!session?.isOpen) session = await connect();
    },
    rest() {
      restsSince = performance.now();
    },
    async close() {
      await session?.close();
    },
  };
}

/** Breaks a connection that does not answer. */
export async function tryOut(session: Session): Promise<void> {
  await answersWithin(answerMs, session).catch((error: Error) => session.break(error));
}
