import type { Pending } from './pending.ts';
import type { SqlValue, Statement, Transaction, WriterSql } from './sql.ts';

/**
 * Lets a work use the connection that others wait for, and gives what it returns. It is stopped with an error where it
 * waits for anything but its statements, and fails where one of those failed, whatever it made of that: a database may
 * have undone more than that statement. What it still asks for after its end is refused, because it would land in the
 * transaction of somebody else.
 */
export async function watched<T>(
  sql: WriterSql,
  pending: Pending,
  work: (sql: Transaction) => Promise<T>,
): Promise<T> {
  const watch = createWatch();
  try {
    const result = await Promise.race([work(watchedBy(watch, sql, pending)), watch.stopped]);
    await watch.end();
    return result;
  } finally {
    watch.close();
  }
}

interface Watch {
  /** Rejects where the work waits for something else. */
  readonly stopped: Promise<never>;
  /** Counts a statement as under way until it is answered. */
  call<T>(start: () => Promise<T>): Promise<T>;
  /** Does what gives no answer; where it throws, the work fails. */
  act(deed: () => void): void;
  /** Resolves when no statement is under way any more; rejects with the error of the first that failed. */
  end(): Promise<void>;
  close(): void;
}

function createWatch(): Watch {
  let open = true;
  let underWay = 0;
  let fault: { error: unknown } | undefined;
  let check: NodeJS.Immediate | undefined;
  let drained: (() => void) | undefined;
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();

  /** A work that goes on does so before the next event: it asks for something else by then, or has ended. */
  function lookLater(): void {
    check ??= setImmediate(() => {
      check = undefined;
      if (open && underWay === 0) stop(new Error(waitedForOthers));
    });
  }

  function answered(): void {
    underWay--;
    if (underWay > 0) return;
    drained?.();
    if (open) lookLater();
  }

  function close(): void {
    open = false;
    clearImmediate(check);
  }

  lookLater();
  return {
    stopped,
    call(start) {
      if (!open)
        return Promise.reject(new Error('a transaction of store.write was used after its work had ended'));
      underWay++;
      const answer = start();
      answer.then(answered, (error: unknown) => {
        fault ??= { error };
        answered();
      });
      return answer;
    },
    act(deed) {
      if (!open) return;
      try {
        deed();
      } catch (error) {
        fault ??= { error };
      }
    },
    async end() {
      close();
      if (underWay > 0) await new Promise<void>((resolve) => (drained = resolve));
      if (fault) throw fault.error;
    },
    close,
  };
}

const waitedForOthers =
  'a work of store.write waited for something that is not the store: do that before or after it';

function watchedBy({ call, act }: Watch, sql: WriterSql, pending: Pending): Transaction {
  const current = (statement: Statement, params: readonly SqlValue[]) => {
    act(() => pending.prepare(sql, statement, params));
    return statement;
  };
  const all: Transaction['all'] = (statement, params) => {
    const ask = () => {
      const answer = sql.all(current(statement, params), params);
      act(() => pending.useWait(sql));
      return answer;
    };
    return call(() => (isKept(statement) ? pending.answer(statement, params, ask) : ask()));
  };
  // What is near is asked as quickly as remembered, but for what each work asks.
  const isKept = ({ standsUntil, looksAt }: Statement) =>
    standsUntil !== undefined && (sql.isRemote || looksAt === undefined);
  const seen: Transaction = {
    isRemote: sql.isRemote,
    all,
    get(statement, params) {
      if (isKept(statement)) return all(statement, params).then(([row]) => row);
      return call(() => sql.get(current(statement, params), params));
    },
    run: (statement, params) => call(() => sql.run(current(statement, params), params)),
    script(text) {
      act(() => pending.flush(sql));
      return call(() => sql.script(text));
    },
    send: (statement, params, rows) => act(() => sql.send(current(statement, params), params, rows)),
    usedKeys: (table, last) => act(() => sql.usedKeys(table, last)),
    keys: pending.keys,
    add: (counter, key, amounts) => act(() => pending.add(counter, key, amounts)),
    gather: (change, id, params) => act(() => pending.gather(sql, change, id, params)),
    // Nobody else writes meanwhile.
    together: (ask) => ask(seen),
  };
  return seen;
}
