import type { Exclusive } from '../contract/exclusive.ts';
import { type Loose, postgresStatement } from '../loose.ts';
import { answersWithin } from '../postgresPulse.ts';
import type { Session } from '../postgresSession.ts';

/** The first half of the numbers that chores lock; the second is made of their names. Nobody else locks such pairs. */
const chores = 7_239_003;

const tryLock = postgresStatement(`SELECT pg_try_advisory_lock(${chores}, hashtext($1)) AS taken`);
const unlock = postgresStatement(`SELECT pg_advisory_unlock(${chores}, hashtext($1))`);
const isLocked = postgresStatement(`SELECT EXISTS (SELECT 1 FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = ${chores}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND objid = (hashtext($1)::bigint & 4294967295)::oid) AS taken`);

/** Between two looks whether the connection still stands, and how long an answer may take, in milliseconds. */
const lookMs = 2000;

/** A lock lives as long as the connection that holds it: each chore has one of its own, and none while it rests. */
export function createExclusive(connect: () => Promise<Session>, loose: Loose): Exclusive {
  const own = new Set<string>();

  return {
    async only(name, work) {
      if (own.has(name)) return false;
      own.add(name);
      try {
        return await on(connect, (session) => underLock(session, name, work));
      } finally {
        own.delete(name);
      }
    },
    isDone: async (name) => own.has(name) || (await loose.all(isLocked, [name]))[0]?.['taken'] === 1,
  };
}

async function underLock(
  session: Session,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const { rows } = await session.query(tryLock.text, [name]);
  if (rows[0]?.['taken'] !== 1) return false;
  await whileItStands(session, work);
  // The end of the connection does it too, but somewhat later.
  if (session.isOpen) await session.query(unlock.text, [name]).catch(() => undefined);
  return true;
}

async function on<T>(connect: () => Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

async function whileItStands(session: Session, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const lost = new AbortController();
  const timer = setInterval(() => void look(session, lost), lookMs);
  try {
    await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
}

async function look(session: Session, lost: AbortController): Promise<void> {
  await answersWithin(lookMs, session).catch((error: unknown) => lost.abort(error));
}
