import type { CallStore } from '../../store/contract/calls.ts';
import type { Bus } from '../../store/contract/bus.ts';
import { Problem } from '../../words/problems.ts';
import { uuid7 } from '../../words/uuid7.ts';

export interface AskingOptions {
  me: string;
  store: CallStore;
  bus: Bus;
  /** Whether a member is known to be gone. */
  isGone(member: string): Promise<boolean>;
}

/** A question as text. */
export interface Question {
  member: string;
  kind: string;
  text: string;
  deadlineMs: number;
  signal: AbortSignal | undefined;
}

export interface Asking {
  /** Gives the text of the answer. Rejects with a Problem where there is none in time, with the signal's reason where it ends. */
  ask(question: Question): Promise<string>;
  close(): void;
}

interface Open {
  member: string;
  /** Since when it lies in the database, by `performance.now()`, as far as we know. */
  postedAt: number | undefined;
  resolve(answer: string): void;
  reject(error: unknown): void;
}

/** Between two looks for answers that nobody told of, in milliseconds. */
const pollMs = 250;
/** Only after so long it is looked whether whoever was asked is still there. */
const patienceMs = 700;
/** Questions that wait for an answer at once. */
const mostOpen = 256;
/** How long a withdrawal may take that only tells how far a call came, in milliseconds. */
const withdrawMs = 2000;

export function createAsking({ me, store, bus, isGone }: AskingOptions): Asking {
  const open = new Map<string, Open>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let again = false;

  const stopListening = bus.listen((message) => {
    if (message.kind === 'answer' && message.to === me && open.has(message.id)) void look();
  });

  /** One look at a time; whoever asks for another meanwhile gets it. */
  async function look(): Promise<void> {
    again = looking;
    if (looking) return;
    looking = true;
    clearTimeout(timer);
    do {
      again = false;
      await lookOnce().catch(() => undefined);
    } while (again);
    looking = false;
    if (open.size > 0) timer = setTimeout(() => void look(), pollMs);
  }

  async function lookOnce(): Promise<void> {
    const posted = [...open].filter(([, { postedAt }]) => postedAt !== undefined);
    if (posted.length === 0) return;
    const there = new Map((await store.asked(me)).map(({ id, answer }) => [id, answer]));
    for (const [id, one] of posted) {
      const answer = there.get(id);
      if (answer === undefined) one.reject(new Lost());
      else if (answer !== null) one.resolve(answer);
      else if (await isTakenByNobody(one)) one.reject(new Gone());
    }
  }

  /** Who came just now may not be known yet, and who is there answers first. */
  async function isTakenByNobody({ member, postedAt = Infinity }: Open): Promise<boolean> {
    return performance.now() - postedAt > patienceMs && (await isGone(member));
  }

  async function post(id: string, one: Open, { member, kind, text, deadlineMs }: Question): Promise<void> {
    await store.post({ id, asker: me, member, kind, question: text, lastsMs: Math.ceil(deadlineMs) });
    one.postedAt = performance.now();
    bus.tell({ kind: 'call', id, to: member });
    if (open.has(id)) void look();
  }

  return {
    async ask(question) {
      if (open.size >= mostOpen)
        throw new Problem('unavailable', 'too many questions to other processes are open: try again', {
          retryAfterSecs: 1,
        });
      const id = uuid7();
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const one: Open = { member: question.member, postedAt: undefined, resolve, reject };
      open.set(id, one);
      const stopWaiting = endWith(question, reject);
      try {
        post(id, one, question).catch(reject);
        return await promise;
      } catch (error) {
        return await leave(store, id, error);
      } finally {
        stopWaiting();
        open.delete(id);
        void store.withdraw(id).catch(() => undefined);
      }
    },
    close() {
      clearTimeout(timer);
      stopListening();
      for (const { reject } of open.values())
        reject(new Problem('unavailable', 'the server is shutting down'));
    },
  };
}

/** Why nobody waits for an answer any more. */
class Lost extends Error {}
class Gone extends Error {}
class Late extends Error {}

function endWith({ deadlineMs, signal }: Question, reject: (reason: unknown) => void): () => void {
  const timer = setTimeout(() => reject(new Late()), deadlineMs);
  const abort = () => reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
}

/** Withdraws a call, and tells as much as is known of how far it came. */
async function leave(store: CallStore, id: string, error: unknown): Promise<string> {
  if (error instanceof Lost) throw unknownEnd('the question was lost');
  if (!(error instanceof Gone || error instanceof Late)) throw error;
  const sentence = error instanceof Gone ? 'the process that was asked is gone' : 'it did not answer in time';
  const left = await withdrawn(store, id);
  if (left?.answer !== null && left?.answer !== undefined) return left.answer;
  if (left?.isTaken === false)
    throw new Problem('unavailable', `${sentence}: nothing was done`, { retryAfterSecs: 1 });
  throw unknownEnd(sentence);
}

function withdrawn(store: CallStore, id: string): ReturnType<CallStore['withdraw']> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, withdrawMs, undefined);
  const answer = store.withdraw(id).catch(() => undefined);
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

function unknownEnd(sentence: string): Problem {
  return new Problem('unavailable', `${sentence}: look whether it was done, and try again`, {
    retryAfterSecs: 1,
  });
}
