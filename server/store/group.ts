import { createPending, type Pending } from './pending.ts';
import type { Transaction, WriterSql } from './sql.ts';
import { foreseeHeld } from './statements/held.ts';
import type { WriteOptions } from './store.ts';
import { createWaitingList, type Patience, patient } from './waitingList.ts';
import { watched } from './watched.ts';

/**
 * The connection that writes, as far as a group commit needs it. What gives no promise acts at once, or is at least
 * carried out before whatever the connection is asked after it.
 */
export interface Writer {
  readonly sql: WriterSql;
  /** Whether there is a transaction that can go on. */
  readonly inTransaction: boolean;
  /** Nobody else writes from here on until the end of the transaction, in whatever process they are. */
  begin(): void | Promise<void>;
  /** Resolves when all is durable; rejects where nothing is, or where that cannot be known. */
  commit(): void | Promise<void>;
  rollback(): void | Promise<void>;
  savepoint(): void;
  release(): void;
  /** Undoes what happened since `savepoint`, and ends it. */
  undo(): void;
}

export interface GroupCommit {
  /**
   * Resolves after the durable commit of what `work` did; where `work` throws, only its own changes are undone. One that
   * goes last sees what the others of its group have changed.
   */
  write<T>(work: (sql: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>;
  /** Resolves when all that was written before is durable; later writes are refused. */
  close(): Promise<void>;
}

interface Waiting extends WriteOptions {
  /** Does the work; what it returns tells the caller, once the commit is durable. */
  start(sql: Transaction): Promise<() => void>;
  reject(error: unknown): void;
}

/** More works than this wait for the next commit, so that no commit keeps everybody else waiting for long. */
const mostWorks = 128;

/**
 * So many works may join a group that is under way: who takes what these bring asks for it when it is written. Where others
 * write too, who came while it waited for them joins as well.
 */
const mostJoining = 2;

/**
 * Commits all works together that came in one turn, or while the commit before was under way: the disk is asked once
 * for all of them, and each is answered after that. Works never overlap: each begins when the one before has ended.
 */
export function createGroupCommit(
  writer: Writer,
  maxGroup = mostWorks,
  patience: Patience = patient,
): GroupCommit {
  const waiting = createWaitingList<Waiting>(patience, 'come to a write');
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
    const group = waiting.take(maxGroup);
    let left: number | undefined;
    const join = () => {
      left ??= writer.sql.isRemote
        ? Math.max(mostJoining, Math.min(waiting.length, maxGroup - group.length))
        : mostJoining;
      const joined = waiting.take(left);
      left -= joined.length;
      return joined;
    };
    for (const answer of await commitTogether(writer, group, join)) answer();
  }

  return {
    write: (work, options = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the store is closed: nothing can be written any more'));
        waiting.add({ ...options, start: (sql) => work(sql).then((value) => () => resolve(value)), reject });
        schedule();
      }),
    async close() {
      closed = true;
      while (flushing) await flushing;
    },
  };
}

function isLast({ goesLast = false }: Waiting): boolean {
  return goesLast;
}

/** Runs the works, and after them those that join, in one transaction; what it returns tells their callers. */
async function commitTogether(
  writer: Writer,
  group: Waiting[],
  join: () => Waiting[],
): Promise<(() => void)[]> {
  const answers: (() => void)[] = [];
  const pending = createPending();
  try {
    await writer.begin();
    foresee(writer.sql, pending, group);
    const joinForeseen = () => {
      const joined = join();
      foresee(writer.sql, pending, joined);
      return joined;
    };
    for (const work of inTurn(group, joinForeseen)) answers.push(await alone(writer, pending, work));
    pending.flush(writer.sql);
    await writer.commit();
    return answers;
  } catch (error) {
    if (writer.inTransaction) await writer.rollback();
    return group.map((work) => () => work.reject(error));
  }
}

/** Those that go last come after those that join before it is their turn. What joins is pushed to the group. */
function* inTurn(group: Waiting[], join: () => Waiting[]): Generator<Waiting, void> {
  const [first, last] = [group.filter((work) => !isLast(work)), group.filter(isLast)];
  for (;;) {
    const joined = first.length === 0 ? join() : [];
    group.push(...joined);
    for (const work of joined) (isLast(work) ? last : first).push(work);
    const work = first.shift() ?? last.shift();
    if (!work) return;
    yield work;
  }
}

/** Asks at once what each of them will ask for, after what those before them have changed. */
function foresee(sql: WriterSql, pending: Pending, works: readonly Waiting[]): void {
  const held = sql.isRemote ? works.flatMap(({ holds }) => holds ?? []) : [];
  if (held.length < 2) return;
  pending.settle(sql);
  foreseeHeld(sql, held, pending.know);
}

/** One work under its own savepoint. Throws only where the whole transaction is gone, e.g. because the disk is full. */
async function alone(writer: Writer, pending: Pending, work: Waiting): Promise<() => void> {
  writer.savepoint();
  try {
    const answer = await watched(writer.sql, pending, work.start);
    writer.release();
    pending.keep();
    return answer;
  } catch (error) {
    if (!writer.inTransaction) throw error;
    writer.undo();
    pending.drop();
    return () => work.reject(error);
  }
}
