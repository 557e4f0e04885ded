import { StoreUnavailable } from '../words/storeUnavailable.ts';
import type { Session } from './postgresSession.ts';

/**
 * Gives a connection a command, the cheapest one unless given. One that does not answer in time is broken: it may have been
 * cut without a word. Rejects where there is no answer.
 */
export async function answersWithin(ms: number, session: Session, command = 'SELECT 1'): Promise<void> {
  const silent = new StoreUnavailable(`PostgreSQL did not answer within ${ms} ms`);
  const giveUp = setTimeout(() => session.break(silent), ms);
  try {
    await session.command(command);
  } finally {
    clearTimeout(giveUp);
  }
}
