import { setTimeout as pause } from 'node:timers/promises';
import type { Reads } from '../store/store.ts';
import { StoreUnavailable } from '../words/storeUnavailable.ts';
import type { Report, Room } from './room.ts';

/** Between two tries, in milliseconds: at first, and at most. */
const [firstPauseMs, longestPauseMs] = [50, 1000];

/** Until when somebody waits for the store, and who hears that he does. */
export interface Waiter {
  /** Nobody waits any more: rejects with its reason. */
  signal: AbortSignal;
  report: Report;
  /** Who waits, for the report. */
  who: object;
}

/**
 * Asks the store again and again while it cannot be asked; once where nobody waits any more. For what may be carried out
 * twice: where a commit broke off nobody knows whether it was done. `tries` before this one, 0 at first.
 */
export async function untilAnswered<T>(
  ask: (tries: number) => Promise<T>,
  { signal, report, who }: Waiter,
): Promise<T> {
  for (let tries = 0, pauseMs = firstPauseMs; ; tries++, pauseMs = Math.min(2 * pauseMs, longestPauseMs))
    try {
      return await (signal.aborted ? ask(tries) : orAborted(ask(tries), signal));
    } catch (error) {
      if (signal.aborted || !(error instanceof StoreUnavailable)) throw error;
      if (tries === 0) report.warn({ error, ...who }, 'the store does not answer; it is asked again');
      // All who wait come again, but not all at once.
      await pause(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
}

/** Who is told to stop does not wait for a connection to break. */
function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * The room for the work on an attempt: whatever that asks of the store or stores there waits while a database is away, in
 * place of failing. All of it may be carried out twice. A store of this process alone is never away.
 */
export function patientRoom(room: Room, signal: AbortSignal, who: object): Room {
  const { store } = room;
  const { shared } = store;
  if (!shared) return room;
  const waiter = { signal, report: room.report, who };
  const read = new Proxy<Reads>(store.read, {
    get(reads, name) {
      const ask: unknown = Reflect.get(reads, name);
      if (typeof ask !== 'function') return ask;
      return (...params: unknown[]): Promise<unknown> =>
        untilAnswered(() => Reflect.apply(ask, reads, params) as Promise<unknown>, waiter);
    },
  });
  const patient: Room['store'] = {
    ...store,
    read,
    shared: {
      ...shared,
      renewLease: (...renewal) => untilAnswered(() => shared.renewLease(...renewal), waiter),
    },
    write: (work, options) => untilAnswered(() => store.write(work, options), waiter),
  };
  // What is changed in the room, e.g. by new settings, is seen here too.
  return Object.create(room, { store: { value: patient, enumerable: true } }) as Room;
}
