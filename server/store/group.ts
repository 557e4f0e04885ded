import type { Transaction } from './sql.ts';

/** The connection that writes, as far as a group commit needs it. All of it acts at once, without waiting. */
export interface Writer {
  readonly sql: Transaction;
  readonly inTransaction: boolean;
  begin(): void;
  commit(): void;
  rollback(): void;
  savepoint(): void;
  release(): void;
  /** Undoes what happened since `savepoint`, and ends it. */
  undo(): void;
}

export interface GroupCommit {
  /** Resolves after the durable commit of what `work` did; where `work` throws, only its own changes are undone. */
  write<T>(work: (sql: Transaction) => Promise<T>): Promise<T>;
  /** Resolves when all that was written before is durable; later writes are refused. */
  close(): Promise<void>;
}

interface Waiting {
  /** Does the work; what it returns tells the caller, once the commit is durable. */
  start(sql: Transaction): Promise<() => void>;
  reject(error: unknown): void;
}

/** More works than this wait for the next commit, so that no commit keeps the event loop for long. */
const maxGroup = 128;

/**
 * Commits all works of one tick together: the disk is asked once for all of them, and each is answered after that.
 * Works never overlap: each begins when the one before has ended, and all of a group run before any other event.
 */
export function createGroupCommit(writer: Writer): GroupCommit {
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  function schedule(): void {
    flushing ??= new Promise<void>((resolve) => {
      setImmediate(() => void flush().then(resolve));
    }).then(() => {
      flushing = undefined;
      if (waiting.length > 0) schedule();
    });
  }

  async function flush(): Promise<void> {
    const group = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    for (const answer of await commitTogether(writer, group)) answer();
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the store is closed: nothing can be written any more'));
        waiting.push({ start: (sql) => work(sql).then((value) => () => resolve(value)), reject });
        schedule();
      }),
    async close() {
      closed = true;
      while (flushing) await flushing;
    },
  };
}

/** Runs the works in one transaction; what it returns tells their callers. */
async function commitTogether(writer: Writer, group: readonly Waiting[]): Promise<(() => void)[]> {
  const answers: (() => void)[] = [];
  try {
    writer.begin();
    for (const work of group) answers.push(await alone(writer, work));
    writer.commit();
    return answers;
  } catch (error) {
    if (writer.inTransaction) writer.rollback();
    return group.map((work) => () => work.reject(error));
  }
}

/** One work under its own savepoint. Throws only where the whole transaction is gone, e.g. because the disk is full. */
async function alone(writer: Writer, work: Waiting): Promise<() => void> {
  const guard = guarded(writer.sql);
  writer.savepoint();
  try {
    const answer = await withoutWaiting(work.start(guard.sql));
    writer.release();
    return answer;
  } catch (error) {
    if (!writer.inTransaction) throw error;
    writer.undo();
    return () => work.reject(error);
  } finally {
    guard.close();
  }
}

/** A work that waits for anything but the store would hold up every other one: it is stopped instead. */
function withoutWaiting<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setImmediate(() =>
      reject(
        new Error(
          'a work of store.write waited for something that is not the store: do that before or after it',
        ),
      ),
    );
    const inTime = () => clearImmediate(late);
    work.then(resolve, reject);
    work.then(inTime, inTime);
  });
}

/** Refuses what a work does after its end: that would land in the transaction of somebody else. */
function guarded(sql: Transaction): { sql: Transaction; close(): void } {
  let open = true;
  const check = () => {
    if (!open) throw new Error('a transaction of store.write was used after its work had ended');
  };
  return {
    sql: {
      all: async (statement, params) => (check(), sql.all(statement, params)),
      get: async (statement, params) => (check(), sql.get(statement, params)),
      run: async (statement, params) => (check(), sql.run(statement, params)),
      script: async (text) => (check(), sql.script(text)),
    },
    close: () => {
      open = false;
    },
  };
}
