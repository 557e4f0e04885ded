import { StoreUnavailable } from '../../words/storeUnavailable.ts';
import { postgresStatement } from '../loose.ts';
import type { Session } from '../postgresSession.ts';
import { integer } from '../row.ts';
import type { BusWire } from './bus.ts';

/** The class of locks that say which schema somebody works with. Locks of two numbers never meet those of one. */
const lockClass = 723_900;

/** A program that goes on while newer ones work beside it understands a schema so many steps ahead of its own. */
const stepsAhead = 1;

const hold = postgresStatement(`SELECT pg_advisory_lock_shared(${lockClass}, $1::int)`);
const newest = postgresStatement('SELECT MAX(number) AS number FROM migrations');

/** The store has gone on so far that this program does not understand it any more. */
export class OutdatedProgram extends Error {
  override name = 'OutdatedProgram';
}

/** Makes a connection. */
export type Connecting = (wire: BusWire) => Promise<Session>;

/**
 * Makes a connection on which it is said, as long as that lives, that a program works here which knows so many steps.
 * `onOutdated` is called where it is too late for that.
 */
export function holdingSchema(
  connect: Connecting,
  known: number,
  onOutdated: (reason: OutdatedProgram) => void,
): Connecting {
  return async (wire) => {
    const session = await connect(wire);
    const giveUp = () => session.break(new StoreUnavailable('nobody waits for the connection any more'));
    wire.signal.addEventListener('abort', giveUp);
    try {
      await holdSchema(session, known);
      return session;
    } catch (error) {
      session.break(new StoreUnavailable('it is not known which schema the store has'));
      if (error instanceof OutdatedProgram) onOutdated(error);
      throw error;
    } finally {
      wire.signal.removeEventListener('abort', giveUp);
    }
  };
}

/** Waits for whoever takes the store further just now. Throws an OutdatedProgram where that went too far. */
async function holdSchema(session: Session, known: number): Promise<void> {
  await session.query(hold.text, [known]);
  const { rows } = await session.query(newest.text, []);
  const there = integer(rows[0] ?? {}, 'number');
  if (there > known + stepsAhead)
    throw new OutdatedProgram(
      `the store has schema ${there} by now, this docker-builder knows ${known} and works with ${known + stepsAhead} at most: start a newer one`,
    );
}

/**
 * A text for the transaction that takes the store to a schema: it fails, with a sentence for a person, where somebody works
 * on it who would not understand that.
 */
export function refuseOlderPrograms(to: number): string {
  const said = `a docker-builder that knows schema % still works on the store, and would not understand schema ${to}: stop it first, or start one in between`;
  return `DO $$ BEGIN
    FOR known IN 1 .. ${to - stepsAhead - 1} LOOP
      IF NOT pg_try_advisory_xact_lock(${lockClass}, known) THEN RAISE EXCEPTION '${said}', known; END IF;
    END LOOP;
  END $$`;
}
