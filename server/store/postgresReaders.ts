import { StoreUnavailable } from '../words/storeUnavailable.ts';
import { asUnavailable } from './postgresErrors.ts';
import { tryOut } from './postgresLink.ts';
import type { Session } from './postgresSession.ts';
import type { Borrow } from './postgresSql.ts';
import { createWaitingList, type Patience, patient } from './waitingList.ts';

export interface Readers {
  borrow: Borrow;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Connections at once; who needs one more waits for its turn. */
  max: number;
  /** How long one may be used at a time. */
  deadlineMs: number;
  /** Of those who wait for a turn. */
  patience?: Patience;
}

/** After so long a rest, in milliseconds, a connection is tried before it is used. */
const restMs = 1000;

interface Turn {
  resolve(): void;
  reject(error: unknown): void;
}

/** Connections that read, made as they are needed and kept. A broken one is replaced at its next use. */
export function createReaders(
  connect: () => Promise<Session>,
  { max, deadlineMs, patience = patient }: ReaderOptions,
): Readers {
  let idle: { session: Session; since: number }[] = [];
  let used = 0;
  const turns = createWaitingList<Turn>(patience, 'come to a question');

  async function turn(): Promise<void> {
    if (used >= max) await new Promise<void>((resolve, reject) => turns.add({ resolve, reject }));
    else used++;
  }

  /** The turn of who ends goes to who has waited longest. */
  function endTurn(): void {
    const next = turns.next();
    if (next) next.resolve();
    else used--;
  }

  async function useOn<T>(session: Session, use: (session: Session) => Promise<T>): Promise<T> {
    const deadline = setTimeout(() => session.break(new TooLate(deadlineMs)), deadlineMs);
    try {
      return await use(session);
    } finally {
      clearTimeout(deadline);
      if (session.isOpen) idle.push({ session, since: performance.now() });
    }
  }

  /** One that rested may have been cut without a word: where it was, so were those that rest longer. */
  async function keptOne(): Promise<Session | undefined> {
    idle = idle.filter(({ session }) => session.isOpen);
    const kept = idle.pop();
    if (!kept) return undefined;
    const { session, since } = kept;
    if (performance.now() - since > restMs) await tryOut(session);
    if (session.isOpen) return session;
    for (const other of idle.filter((one) => one.since <= since)) other.session.break(new Gone());
    return undefined;
  }

  async function useAny<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const kept = await keptOne();
    if (kept)
      try {
        return await useOn(kept, use);
      } catch (error) {
        // One that was kept may have been cut without a word, and a question may be asked twice.
        if (!(error instanceof StoreUnavailable) || error instanceof TooLate) throw error;
      }
    return useOn(await connect(), use);
  }

  return {
    async borrow(use) {
      await turn();
      try {
        return await useAny(use).catch((error: unknown) => {
          throw asUnavailable(error);
        });
      } finally {
        endTurn();
      }
    },
    async close() {
      await Promise.all(idle.map(({ session }) => session.close()));
    },
  };
}

class Gone extends StoreUnavailable {
  constructor() {
    super('PostgreSQL does not answer on a connection that is as old');
  }
}

class TooLate extends StoreUnavailable {
  constructor(deadlineMs: number) {
    super(`PostgreSQL did not answer a question within ${deadlineMs} ms`);
  }
}
