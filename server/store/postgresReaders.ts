import { StoreUnavailable } from '../words/storeUnavailable.ts';
import type { Session } from './postgresSession.ts';
import type { Borrow } from './postgresSql.ts';

export interface Readers {
  borrow: Borrow;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Connections at once; who needs one more waits for its turn. */
  max: number;
  /** How long one may be used at a time. */
  deadlineMs: number;
}

/** Connections that read, made as they are needed and kept. A broken one is replaced at its next use. */
export function createReaders(connect: () => Promise<Session>, { max, deadlineMs }: ReaderOptions): Readers {
  let idle: Session[] = [];
  let used = 0;
  const turns: (() => void)[] = [];

  async function turn(): Promise<void> {
    if (used >= max) await new Promise<void>((resolve) => turns.push(resolve));
    else used++;
  }

  /** The turn of who ends goes to who has waited longest. */
  function endTurn(): void {
    const next = turns.shift();
    if (next) next();
    else used--;
  }

  async function useOn<T>(session: Session, use: (session: Session) => Promise<T>): Promise<T> {
    const deadline = setTimeout(() => session.break(new TooLate(deadlineMs)), deadlineMs);
    try {
      return await use(session);
    } finally {
      clearTimeout(deadline);
      if (session.isOpen) idle.push(session);
    }
  }

  async function useAny<T>(use: (session: Session) => Promise<T>): Promise<T> {
    idle = idle.filter((session) => session.isOpen);
    const kept = idle.pop();
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
        return await useAny(use);
      } finally {
        endTurn();
      }
    },
    async close() {
      await Promise.all(idle.map((session) => session.close()));
    },
  };
}

class TooLate extends StoreUnavailable {
  constructor(deadlineMs: number) {
    super(`PostgreSQL did not answer a question within ${deadlineMs} ms`);
  }
}
