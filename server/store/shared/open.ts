import { uuid7 } from '../../words/uuid7.ts';
import type { Shared } from '../contract/shared.ts';
import type { Session } from '../postgresSession.ts';
import type { Borrow } from '../postgresSql.ts';
import { createAllowanceStore } from './allowances.ts';
import type { Behind } from './behind.ts';
import { type BusWire, openBus } from './bus.ts';
import { createCallStore } from './calls.ts';
import type { DatabaseClock } from './clock.ts';
import { createLeases } from './leases.ts';
import { createLogChunks } from './logChunks.ts';
import { createLoose } from './loose.ts';
import { createMembers } from './members.ts';
import { createNotes } from './notes.ts';
import { createExclusive } from './only.ts';
import { holdingSchema } from './schemaHold.ts';
import { endStandstill } from './standstill.ts';

export interface SharedOptions {
  /** The store's own. */
  id: string;
  clock: DatabaseClock;
  /** How many steps of the schema this program knows. */
  knownSteps: number;
  /** Connections for statements outside of the order of writes. */
  borrow: Borrow;
  /** The connections that read. */
  borrowReader: Borrow;
  /** The one connection that writes logs. */
  borrowLogWriter: Borrow;
  /** A connection for what is held for longer. */
  connect(): Promise<Session>;
  /** The connection that hears what others tell. */
  connectBus(wire: BusWire): Promise<Session>;
}

/** Between two looks at the database's clock, in milliseconds. */
const clockMs = 10_000;

/** What this process has in common with others on the same database. */
export function openShared({ id, clock, borrow, connect, connectBus, ...others }: SharedOptions): {
  shared: Shared;
  behind: Behind;
  close(): Promise<void>;
} {
  const outdated = new AbortController();
  const bus = openBus({
    connect: holdingSchema(connectBus, others.knownSteps, (reason) => outdated.abort(reason)),
    channel: `docker_builder_${id.replaceAll('-', '')}`,
    sender: uuid7(clock.now()),
  });
  const setClock = () => void borrow((session) => clock.set(session)).catch(() => undefined);
  const timer = setInterval(setClock, clockMs).unref();
  const loose = createLoose(borrow);
  return {
    shared: {
      bus,
      chunks: createLogChunks({
        write: createLoose(others.borrowLogWriter),
        read: createLoose(others.borrowReader),
        tidy: loose,
      }),
      members: createMembers(loose, (lock) => endStandstill(borrow, lock)),
      now: clock.now,
      outdated: outdated.signal,
      calls: createCallStore(loose),
      allowances: createAllowanceStore(loose),
      ...createExclusive(connect, loose),
      ...createLeases(loose),
      ...createNotes(loose),
    },
    behind: bus.behind,
    async close() {
      clearInterval(timer);
      await bus.close();
    },
  };
}
