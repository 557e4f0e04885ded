import { StoreUnavailable } from './postgresErrors.ts';
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

  async function take(): Promise<Session> {
    idle = idle.filter((session) => session.isOpen);
    return idle.pop() ?? (await connect());
  }

  return {
    async borrow(use) {
      await turn();
      try {
        const session = await take();
        const deadline = setTimeout(() => session.break(tooLate(deadlineMs)), deadlineMs);
        try {
          return await use(session);
        } finally {
          clearTimeout(deadline);
          if (session.isOpen) idle.push(session);
        }
      } finally {
        endTurn();
      }
    },
    async close() {
      await Promise.all(idle.map((session) => session.close()));
    },
  };
}

function tooLate(deadlineMs: number): StoreUnavailable {
  return new StoreUnavailable(`PostgreSQL did not answer a question within ${deadlineMs} ms`);
}
