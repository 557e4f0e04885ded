import { uuid7 } from '../../words/uuid7.ts';
import type { Shared } from '../contract/shared.ts';
import type { Session } from '../postgresSession.ts';
import type { Borrow } from '../postgresSql.ts';
import { openBus } from './bus.ts';
import type { DatabaseClock } from './clock.ts';
import { createLoose } from './loose.ts';

export interface SharedOptions {
  /** The store's own. */
  id: string;
  clock: DatabaseClock;
  /** Connections for statements outside of the order of writes. */
  borrow: Borrow;
  /** The connection that hears what others tell. */
  connectBus(hear: (payload: string) => void): Promise<Session>;
}

/** Between two looks at the database's clock, in milliseconds. */
const clockMs = 10_000;

/** What this process has in common with others on the same database. */
export function openShared({ id, clock, borrow, connectBus }: SharedOptions): {
  shared: Shared;
  close(): Promise<void>;
} {
  const bus = openBus({
    connect: connectBus,
    channel: `docker_builder_${id.replaceAll('-', '')}`,
    sender: uuid7(Date.now()),
  });
  const setClock = () => void borrow((session) => clock.set(session)).catch(() => undefined);
  const timer = setInterval(setClock, clockMs).unref();
  const loose = createLoose(borrow);
  void loose;
  return {
    shared: { bus, now: clock.now },
    async close() {
      clearInterval(timer);
      await bus.close();
    },
  };
}
