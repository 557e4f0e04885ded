import { setTimeout as pause } from 'node:timers/promises';
import type { LogChunks, LogVerdict } from '../../../store/contract/logChunks.ts';
import { StoreUnavailable } from '../../../words/storeUnavailable.ts';
import { LogTakenOver } from '../takenOver.ts';
import type { LogQueue, Prepared } from './queue.ts';

/** What becomes of the lines of one log. */
export interface CommitListener {
  /** They are durable, and anybody can read them. */
  stored(prepared: Prepared): void;
  /** Neither they nor any later ones can be stored. */
  failed(fault: Error): void;
}

/** Stores the lines of all logs of this process, as many as there are in one transaction. */
export interface Committer {
  /** There is something in the queue. */
  wake(queue: LogQueue, listener: CommitListener): void;
  /** Nothing more of it is to be stored. */
  leave(queue: LogQueue): void;
  /** Whether the database could not be reached the last time. */
  readonly isAway: boolean;
}

/** Bytes of lines in one transaction, and of one log in it. */
const [groupBytes, shareBytes] = [4 * 1024 * 1024, 1024 * 1024];
/** Where so many bytes wait, the next ones are packed while others are being stored. */
const muchBytes = 512 * 1024;
/** Between two tries, in milliseconds. */
const retryMs = 100;

/** A database that is away is asked again until it is back. */
export function createCommitter(chunks: Pick<LogChunks, 'append'>): Committer {
  let waiting = new Map<LogQueue, CommitListener>();
  const storing = new Map<Prepared, CommitListener>();
  let isAway = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // What else is told in this turn goes with it.
    await Promise.resolve();
    for (let group = gather(); group.length > 0;) {
      const stored = store(group);
      const ahead = waitingBytes() > muchBytes ? gather() : [];
      await stored;
      group = ahead.length > 0 ? ahead : gather();
    }
    running = undefined;
  }

  function waitingBytes(): number {
    return waiting.keys().reduce((sum, queue) => sum + queue.waitingBytes, 0);
  }

  /** Something of each log that has something; those that have more come last the next time. */
  function gather(): Prepared[] {
    const group: Prepared[] = [];
    const asked = waiting;
    waiting = new Map();
    let bytes = 0;
    for (const [queue, listener] of asked) {
      const prepared = bytes < groupBytes ? queue.next(shareBytes) : undefined;
      if (prepared) {
        group.push(prepared);
        storing.set(prepared, listener);
        bytes += prepared.bytes;
      }
      if (!queue.isEmpty) waiting.set(queue, listener);
    }
    return group;
  }

  async function store(group: readonly Prepared[]): Promise<void> {
    const wanted = () => group.filter((one) => storing.has(one));
    for (let held = wanted(); held.length > 0; held = wanted())
      try {
        const verdicts = await chunks.append(held.map(({ commit }) => commit));
        isAway = false;
        for (const [at, prepared] of held.entries()) settle(prepared, verdicts[at]);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) return storeApart(held, error);
        isAway = true;
        await pause(retryMs);
      }
  }

  /** Where one log is at fault, the others are not to suffer for it. */
  async function storeApart(held: readonly Prepared[], error: unknown): Promise<void> {
    const [one] = held;
    if (one && held.length === 1) fail(one, error instanceof Error ? error : new Error(String(error)));
    else for (const prepared of held) await store([prepared]);
  }

  function settle(prepared: Prepared, verdict: LogVerdict | undefined): void {
    if (verdict !== 'stored') return fail(prepared, new LogTakenOver(sentences[verdict ?? 'removed']));
    const listener = storing.get(prepared);
    storing.delete(prepared);
    listener?.stored(prepared);
  }

  function fail(prepared: Prepared, fault: Error): void {
    const listener = storing.get(prepared);
    leave(prepared.queue);
    listener?.failed(fault);
  }

  function leave(queue: LogQueue): void {
    waiting.delete(queue);
    for (const prepared of storing.keys()) if (prepared.queue === queue) storing.delete(prepared);
  }

  return {
    wake(queue, listener) {
      waiting.set(queue, listener);
      running ??= run();
    },
    leave,
    get isAway() {
      return isAway;
    },
  };
}

const sentences = {
  'taken over': 'another worker writes the log now',
  removed: 'the log was removed',
};
